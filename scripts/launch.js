import { join } from 'node:path';
import { agentProgram } from './agent-program.js';
import { runChild } from './run-child.js';
import { checkout, findNode } from './runtime.js';

/**
 * Runs the command line with the Node it needs and resolves with its exit code.
 *
 * The channel (`ipc`) carries no messages: a program that runs for long sees it close when this process is killed,
 * and ends too, so that nothing is left behind.
 */
export function launch(args) {
  const { program, nodeFlags, variables } = args[0] === 'agent' && args[1] === 'run' ? agentProgram() : commandLine();
  return runChild(findNode(), ['--disable-warning=ExperimentalWarning', ...nodeFlags, program, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...variables },
  });
}

const commandLine = () => ({
  program: join(checkout, 'cli', 'main.ts'),
  nodeFlags: [],
  // The storage engine's queries and fsync share libuv's pool, whose size is read before the first script runs.
  variables: { UV_THREADPOOL_SIZE: process.env.UV_THREADPOOL_SIZE ?? '16' },
});
