/** Program of its own, made to be bundled into one file: what a Windows node can be asked for, `sextant agent …`, and carrying away what that has collected. */
import { isMainThread } from 'node:worker_threads';
import { registerAgent } from './agent.ts';
import { registerBundleExport } from './bundle-export-command.ts';
import { registerDrives } from './drives.ts';
import { emptyProgram, runProgram } from './program.ts';

if (isMainThread) {
  const program = emptyProgram();
  registerAgent(program);
  registerDrives(program);
  registerBundleExport(program.command('bundle').description('bundles that `sextant agent collect` has written'));
  await runProgram(program);
} else {
  // The one thread that this program starts, with itself as its file.
  await import('../agent/sources/event-log/event-log-thread.ts');
}
