/** Program of its own, made to be bundled into one file: what a Windows node can be asked for, `sextant agent …`. */
import { isMainThread } from 'node:worker_threads';
import { registerAgent } from './agent.ts';
import { emptyProgram, runProgram } from './program.ts';

if (isMainThread) {
  const program = emptyProgram();
  registerAgent(program);
  await runProgram(program);
} else {
  // The one thread that this program starts, with itself as its file.
  await import('../agent/sources/event-log/event-log-thread.ts');
}
