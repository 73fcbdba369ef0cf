import { join } from 'node:path';
import { runChild } from './run-child.js';
import { checkout, findNode } from './runtime.js';

/**
 * Runs the command line with the Node it needs and resolves with its exit code.
 *
 * The channel (`ipc`) carries no messages: a program that runs for long sees it close when this process is killed,
 * and ends too, so that nothing is left behind.
 */
export function launch(args) {
  return runChild(findNode(), ['--disable-warning=ExperimentalWarning', join(checkout, 'cli', 'main.ts'), ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    // The storage engine's queries and fsync share libuv's pool, whose size is read before the first script runs.
    env: { ...process.env, UV_THREADPOOL_SIZE: process.env.UV_THREADPOOL_SIZE ?? '16' },
  });
}
