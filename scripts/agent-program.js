import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './runtime.js';

/** What `npm run build:agent` makes. */
export const bundleFolder = join(checkout, 'dist', 'agent');
const stampFile = '.sources.json';

/**
 * How `sextant agent run` is started: the program, Node's own flags and environment. The arguments are the same for
 * both programs: the bundle when it is what the sources would make now, else the sources.
 *
 * The agent is a guest on its host, so its runtime is started for little memory: ARCHITECTURE.md, "The agent's memory", has what
 * each of these is worth. Without Maglev V8 optimises with TurboFan alone; glibc gives back what is free from 64 KiB on, and
 * buffers from 128 KiB on at once, where it would raise both bounds by itself.
 * Ten threads in libuv's pool, so that filesystems that do not answer leave some (agent/filesystems/file-questions.ts): four more
 * than six took 80 kB in all, 2026-11-29.
 * `--expose-gc` is for agent/heap-return.ts.
 *
 * @returns {{ program: string, nodeFlags: string[], variables: Record<string, string> }}
 */
export function agentProgram() {
  const bundled = isCurrent(bundleFolder, checkout);
  return {
    program: bundled ? join(bundleFolder, 'agent.js') : join(checkout, 'cli', 'main.ts'),
    nodeFlags: ['--max-semi-space-size=1', '--no-maglev', '--expose-gc'],
    variables: { UV_THREADPOOL_SIZE: '10', MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '65536' },
  };
}

/**
 * Whether the bundle in `folder` was made of the sources in `root` as they are now.
 *
 * @param {string} folder
 * @param {string} root
 */
export function isCurrent(folder, root) {
  const stamp = join(folder, stampFile);
  if (!existsSync(stamp)) return false;
  const { files, hash } = JSON.parse(readFileSync(stamp, 'utf8'));
  return files.every((file) => existsSync(join(root, file))) && hash === hashOf(files, root);
}

/**
 * What tells later whether a bundle is current.
 *
 * @param {string[]} files paths in `root` of all that the bundle was made of
 * @param {string} root
 * @returns {{ name: string, text: string }}
 */
export function stampOf(files, root) {
  const sorted = [...new Set(files)].sort();
  return { name: stampFile, text: `${JSON.stringify({ hash: hashOf(sorted, root), files: sorted }, undefined, 1)}\n` };
}

function hashOf(files, root) {
  const hash = createHash('sha256');
  for (const file of files) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}
