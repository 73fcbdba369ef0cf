import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and what is missing above it, new ones with this mode (0700 unless told otherwise).
 *
 * Not `mkdir(…, { recursive: true })`: where a filesystem refuses new names with ENOENT, as /proc does, Node 24 tries
 * for ever, and one that is read-only it reports as ENOENT. Throws the operating system's error, EEXIST for what is no folder.
 * Those that it has made are added to `made`, the outermost first, also when it throws.
 */
export function makeFolder(folder: string, mode = 0o700, made: string[] = []): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent, mode, made);
  try {
    mkdirSync(folder, { mode });
    made.push(folder);
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
