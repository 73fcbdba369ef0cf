import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SextantError } from '../errors/sextant-error.ts';
import { writeFileAtomic } from './atomic-write.ts';
import { makeFolder } from './make-folder.ts';

export interface FolderLock {
  close(): void;
}

/**
 * Claims a folder for this process until `close()` or the process's end, however it ends.
 *
 * The lock is SQLite's own file lock, the one lock that Node offers on every platform; the operating system drops it
 * when the process dies, so there is nothing stale to clean. Makes the folder (0700) when it is missing.
 * Throws SX_DATA_FOLDER_HELD (names the holder) or SX_DATA_FOLDER (cannot be made or written).
 */
export function lockFolder(folder: string, holder: { role: string; nowMs: number }): FolderLock {
  const holderFile = join(folder, 'holder.json');
  let database: DatabaseSync;
  try {
    makeFolder(folder);
    database = new DatabaseSync(join(folder, 'folder.lock'), { timeout: 0 });
  } catch (cause) {
    throw new SextantError('SX_DATA_FOLDER', `cannot use the data folder ${folder}: ${(cause as Error).message}`, {
      cause,
    });
  }
  try {
    database.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS held(x); COMMIT');
    // COMMIT keeps the lock under locking_mode=EXCLUSIVE.
    writeFileAtomic(
      holderFile,
      `${JSON.stringify({ pid: process.pid, role: holder.role, since: new Date(holder.nowMs).toISOString() })}\n`,
    );
  } catch (cause) {
    database.close();
    const message = (cause as Error).message;
    if (!/locked|busy/i.test(message)) {
      throw new SextantError('SX_DATA_FOLDER', `cannot use the data folder ${folder}: ${message}`, { cause });
    }
    throw new SextantError(
      'SX_DATA_FOLDER_HELD',
      `the data folder ${folder} is held by ${describeHolder(holderFile)}`,
      { cause },
    );
  }
  return { close: () => database.close() };
}

/**
 * Who holds the folder at this moment, in words; undefined when nobody does. Claims nothing and waits for nobody.
 */
export function folderHolder(folder: string): string | undefined {
  const lockFile = join(folder, 'folder.lock');
  if (!existsSync(lockFile)) return undefined;
  try {
    const database = new DatabaseSync(lockFile, { readOnly: true, timeout: 0 });
    try {
      database.prepare('SELECT count(*) FROM sqlite_schema').get();
    } finally {
      database.close();
    }
    return undefined;
  } catch (error) {
    if (!/locked|busy/i.test((error as Error).message)) return undefined;
    return describeHolder(join(folder, 'holder.json'));
  }
}

function describeHolder(holderFile: string): string {
  try {
    const { pid, role, since } = JSON.parse(readFileSync(holderFile, 'utf8'));
    return `${role} (process ${pid}, since ${since})`;
  } catch {
    return 'another process';
  }
}
