/** Program of its own, made to be bundled: `sextant agent run` and nothing else. */
import { registerAgentRun } from './agent-run.ts';
import { emptyProgram, runProgram } from './program.ts';

const program = emptyProgram();
registerAgentRun(program.command('agent'));
await runProgram(program);
