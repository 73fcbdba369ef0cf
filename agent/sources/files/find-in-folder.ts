import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type FilesystemId, inodeOf } from './identity.ts';
import { isPacked } from './packed.ts';
import { positionKey } from './position.ts';
import type { AskPath } from './scan-questions.ts';

/** A folder in which something is renamed at every look is not looked at for ever. */
const maxPasses = 5;

/**
 * Paths in a folder by which these files (`positionKey`) can be found now. Undefined when the folder cannot be listed; rejects
 * with `Unanswered` when it does not answer.
 * A compressed file is none of them: when it has the inode of one, that one was deleted.
 *
 * Names are listed once and looked at one after the other; a file that is renamed meanwhile, as all older ones are at each
 * rotation, may be at no name when that is looked at. So a file is missing only when two passes in a row saw the same.
 */
export async function findInFolder(
  folder: string,
  wanted: ReadonlySet<string>,
  filesystemId: FilesystemId,
  ask: AskPath,
): Promise<Map<string, string> | undefined> {
  const found = new Map<string, string>();
  let before: string | undefined;
  for (let pass = 0; pass < maxPasses; pass += 1) {
    const names = await ask(folder, () =>
      readdir(folder).catch((error: NodeJS.ErrnoException) =>
        error.code === 'ENOENT' || error.code === 'ENOTDIR' ? [] : undefined,
      ),
    );
    if (names === undefined) return undefined;
    const seen: string[] = [];
    for (const name of names) {
      if (isPacked(name)) continue;
      const path = join(folder, name);
      const inode = await ask(path, () => inodeOf(path, filesystemId));
      if (!inode) continue;
      const key = positionKey(inode.dev, inode.ino);
      if (wanted.has(key)) found.set(key, path);
      if (found.size === wanted.size) return found;
      seen.push(`${name}\0${key}`);
    }
    const now = seen.sort().join('\n');
    if (now === before) return found;
    before = now;
  }
  return found;
}
