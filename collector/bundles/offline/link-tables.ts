import { constants } from 'node:fs';
import { copyFile, link, mkdir, readdir, readlink, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';

/** What a view of a data folder took: files that share their bytes with the original, and bytes that were copied. */
export interface Taken {
  linked: number;
  copied: number;
}

/** `20261128_1_6_1`, `all_1_1_0`, with a mutation's number at the end; never one that is being written (`tmp_…`). */
const partName = /^(?!tmp|delete)[0-9A-Za-z-]+_\d+_\d+_\d+(?:_\d+)?$/;
/** What the engine appends to: a link would let the view write into the original. It is not needed to read. */
const leftOut = new Set(['deduplication_logs', 'detached', 'shadow', 'tmp', 'status']);
const maxRounds = 8;

/**
 * Gives `to` the same tables as the embedded engine's folder `from`, by hard links to the parts, which are never changed
 * once they are there; where the filesystem has none, by copies. The engine may run over `from`: a part that it merges
 * away meanwhile is taken in the form into which it was merged.
 */
export async function linkTables(from: string, to: string): Promise<Taken> {
  const taken: Taken = { linked: 0, copied: 0 };
  await takeFolder(from, to, taken);
  return taken;
}

async function takeFolder(from: string, to: string, taken: Taken): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (leftOut.has(entry.name) || partName.test(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    // The engine's own, to the folders of tables: relative, and so good in the view as well.
    if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (entry.isDirectory() && !/^(?:tmp|delete)_/.test(entry.name)) await takeFolder(source, target, taken);
    else if (entry.isFile()) await copyFile(source, target, constants.COPYFILE_FICLONE);
  }
  await takeParts(from, to, taken);
}

/** Until a round finds every part still there that it had listed. */
async function takeParts(from: string, to: string, taken: Taken): Promise<void> {
  const done = new Set<string>();
  for (let round = 1; ; round++) {
    let vanished = 0;
    for (const entry of await readdir(from, { withFileTypes: true })) {
      if (!entry.isDirectory() || !partName.test(entry.name) || done.has(entry.name)) continue;
      try {
        await takePart(join(from, entry.name), join(to, entry.name), taken);
        done.add(entry.name);
      } catch (error) {
        await rm(join(to, entry.name), { recursive: true, force: true });
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        vanished += 1;
      }
    }
    if (vanished === 0) return;
    if (round === maxRounds) throw new Error(`${from} changes faster than it can be read`);
  }
}

async function takePart(from: string, to: string, taken: Taken): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await takePart(source, target, taken);
    else await linkOrCopy(source, target, taken);
  }
}

async function linkOrCopy(from: string, to: string, taken: Taken): Promise<void> {
  try {
    await link(from, to);
    taken.linked += 1;
  } catch (error) {
    if (
      !['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK', 'EROFS', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')
    )
      throw error;
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    taken.copied += 1;
  }
}
