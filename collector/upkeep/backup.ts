import { existsSync, readdirSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { version } from '../../config/version.ts';
import { writeFileAtomic } from '../../durable/atomic-write.ts';
import { makeFolder } from '../../durable/make-folder.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import { parseJournalFileName } from '../journal/file-name.ts';
import type { Journal } from '../journal/journal.ts';
import type { Store } from '../store/store.ts';
import { copyDurably, filesBelow, writeManifest } from './manifest.ts';
import { freezeTables, unfreezeTables } from './storage.ts';

export interface BackupParts {
  /** The collector's folder. */
  folder: string;
  store: Pick<Store, 'query' | 'maintain'>;
  journal: Pick<Journal, 'holdHandover'>;
  database: DatabaseSync;
  nowMs(): number;
}

export interface Progress {
  step: string;
  files: number;
  bytes: number;
}

/** Identity and keys; bundles are copies of what is here. */
const plainFolders = ['ca', 'keys'];

/**
 * Copies everything that a collector is to `target` while it runs. Every batch that was acknowledged before this was
 * called is in the backup once: storage, state and journal are taken while nothing moves from one to the other, which
 * holds the handover up for as long as hard links and the copy of the journal take; senders notice nothing.
 * Throws SX_CONFLICT for a folder that is not empty.
 */
export async function writeBackup(
  { folder, store, journal, database, nowMs }: BackupParts,
  target: string,
  onProgress: (progress: Progress) => void,
): Promise<Progress> {
  demandUsable(target, folder);
  makeFolder(target);
  // Letters, digits and `_` alone: the engine writes anything else of a freeze's name as %XX into its folder's.
  const name = `backup_${nowMs()}`;
  const progress: Progress = { step: 'hold', files: 0, bytes: 0 };
  const copy = async (from: string, to: string): Promise<void> => {
    progress.bytes += await copyDurably(from, join(target, to));
    progress.files++;
    onProgress({ ...progress });
  };

  const release = await journal.holdHandover();
  let frozen: Awaited<ReturnType<typeof freezeTables>>;
  try {
    progress.step = 'journal and state';
    frozen = await freezeTables(store, join(folder, 'engine'), name);
    database.prepare('VACUUM INTO ?').run(join(target, 'state.db'));
    const journalFolder = join(folder, 'journal');
    const files = readdirSync(journalFolder).filter((file) => parseJournalFileName(file));
    for (const file of files) await copy(join(journalFolder, file), `journal/${file}`);
  } finally {
    release();
  }
  try {
    progress.step = 'tables';
    const [first] = frozen;
    // Never empty: without it the frozen parts of all tables are somewhere else.
    if (!first || !existsSync(first.folder)) throw new Error('BUG: what was frozen is not where it should be');
    for (const { table, folder: parts } of frozen) {
      if (!existsSync(parts)) continue;
      for (const file of filesBelow(parts)) await copy(join(parts, file), join('engine', table, file));
    }
  } finally {
    await unfreezeTables(store, name);
  }
  progress.step = 'identity';
  for (const plain of [...plainFolders, 'journal/quarantine']) {
    if (!existsSync(join(folder, plain))) continue;
    for (const file of filesBelow(join(folder, plain))) await copy(join(folder, plain, file), join(plain, file));
  }
  writeFileAtomic(
    join(target, 'backup.json'),
    `${JSON.stringify({ format: 1, version, createdAt: new Date(nowMs()).toISOString() }, null, 2)}\n`,
  );
  progress.step = 'checksums';
  onProgress({ ...progress });
  progress.files = await writeManifest(target);
  return { ...progress, step: 'done' };
}

function demandUsable(target: string, folder: string): void {
  if (!isAbsolute(target)) throw new SextantError('SX_BAD_REQUEST', `${target} is not an absolute path`);
  if (!relative(folder, target).startsWith('..')) {
    throw new SextantError('SX_BAD_REQUEST', `${target} lies in the collector's own folder`, {
      nextStep: 'name a folder elsewhere, best on another disk',
    });
  }
  if (existsSync(target) && readdirSync(target).length > 0) {
    throw new SextantError('SX_CONFLICT', `${target} is not empty`, { nextStep: 'name a new folder' });
  }
}
