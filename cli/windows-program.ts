/** Program of its own, made to be bundled: what a Windows node can be asked for, `sextant agent …`. */
import { registerAgent } from './agent.ts';
import { emptyProgram, runProgram } from './program.ts';

const program = emptyProgram();
registerAgent(program);
await runProgram(program);
