import { constants } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createUnfinished } from '../../../bundle/unfinished.ts';
import { lockFolder } from '../../../durable/folder-lock.ts';
import { parseJournalFileName, parsePreparedFileName } from '../../journal/file-name.ts';
import { linkTables, type Taken } from './link-tables.ts';

/** A collector's folder to read in, of which nothing reaches the original. */
export interface DataView extends Taken {
  folder: string;
  close(): Promise<void>;
}

const prefix = 'collector.view-';

/**
 * Makes a view of `dataDir`/collector: tables by hard links, a consistent copy of state.db, copies of journal files and
 * keys. Nothing in the original is changed, and a collector that runs or hangs over it is neither asked nor stopped. The
 * view lies beside the original, so that links are possible, or in `elsewhere` when nothing can be written there.
 */
export async function openDataView(dataDir: string, elsewhere: string): Promise<DataView> {
  const source = join(dataDir, 'collector');
  await removeStaleViews(dataDir);
  await removeStaleViews(elsewhere);
  const folder = await mkdtemp(join(dataDir, prefix)).catch(() => mkdtemp(join(elsewhere, prefix)));
  const lock = lockFolder(folder, { role: 'sextant bundle create', nowMs: Date.now() });
  const close = async (): Promise<void> => {
    lock.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    // The journal first: a file that storage takes meanwhile is then in both, and known by its number; never in neither.
    await copyJournal(join(source, 'journal'), join(folder, 'journal'));
    const taken = await linkTables(join(source, 'engine'), join(folder, 'engine'));
    await copyState(source, folder);
    await cp(join(source, 'keys'), join(folder, 'keys'), { recursive: true }).catch(ignoreMissing);
    return { ...taken, folder, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Removes what a killed command left: a view whose lock nobody holds, and the staging folder that it names. */
async function removeStaleViews(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    if (!name.startsWith(prefix)) continue;
    try {
      lockFolder(join(parent, name), { role: 'sextant bundle create', nowMs: Date.now() }).close();
      await createUnfinished(join(parent, name)).clean();
      await rm(join(parent, name), { recursive: true, force: true });
    } catch {
      // In use, or not ours to remove.
    }
  }
}

async function copyJournal(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of await readdir(from).catch(() => [])) {
    if (!parseJournalFileName(name) && !parsePreparedFileName(name)) continue;
    // Copies: its torn tail is cut in the view.
    await copyFile(join(from, name), join(to, name), constants.COPYFILE_FICLONE).catch(ignoreMissing);
  }
}

async function copyState(from: string, to: string): Promise<void> {
  try {
    const database = new DatabaseSync(join(from, 'state.db'), { readOnly: true, timeout: 5000 });
    try {
      database.prepare('VACUUM INTO ?').run(join(to, 'state.db'));
      return;
    } finally {
      database.close();
    }
  } catch {
    // A folder in which SQLite can make no index for its write-ahead log: nobody else writes there either.
    await rm(join(to, 'state.db'), { force: true });
    for (const name of ['state.db', 'state.db-wal'])
      await copyFile(join(from, name), join(to, name)).catch(ignoreMissing);
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
