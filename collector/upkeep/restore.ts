import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import { syncFolder } from '../../durable/atomic-write.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Log } from '../../logging/log.ts';
import { createStore } from '../store/clickhouse-store.ts';
import type { Progress } from './backup.ts';
import { copyDurably, filesBelow, verifyManifest } from './manifest.ts';
import { attachPart, tableFolders } from './storage.ts';

/**
 * Makes a collector's folder of a backup. All of it is there when this returns, or nothing.
 * Throws SX_CONFLICT when the data folder has a collector, SX_CHECKSUM when the backup is not as it was written.
 */
export async function restoreBackup(
  { dataDir, settings, log }: { dataDir: string; settings: Settings; log: Log },
  source: string,
  onProgress: (progress: Progress) => void,
): Promise<Progress> {
  const folder = join(dataDir, 'collector');
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new SextantError('SX_CONFLICT', `${dataDir} holds a collector already`, {
      nextStep: 'name another data folder with --data-dir, or move this one away',
    });
  }
  onProgress({ step: 'checksums', files: 0, bytes: 0 });
  const files = await verifyManifest(source);
  const progress: Progress = { step: 'files', files: 0, bytes: 0 };
  const copy = async (from: string, to: string): Promise<void> => {
    progress.bytes += await copyDurably(from, to);
    progress.files++;
    onProgress({ ...progress });
  };

  const unfinished = join(dataDir, 'collector.restoring');
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  for (const file of files) {
    if (file !== 'backup.json' && !file.startsWith('engine/')) await copy(join(source, file), join(unfinished, file));
  }
  const store = createStore({ folder: join(unfinished, 'engine'), settings, log });
  await store.start();
  try {
    progress.step = 'tables';
    const folders = await tableFolders(store);
    const tables = join(source, 'engine');
    for (const table of existsSync(tables) ? readdirSync(tables) : []) {
      const home = folders.get(table);
      if (home === undefined)
        throw new SextantError('SX_CONFLICT', `this version has no table ${table}`, {
          nextStep: 'restore it with the version of Sextant that made the backup, or a newer one',
        });
      for (const part of readdirSync(join(tables, table)).sort(byBlock)) {
        const from = join(tables, table, part);
        for (const file of filesBelow(from)) await copy(join(from, file), join(home, 'detached', part, file));
        await attachPart(store, table, part);
      }
    }
  } finally {
    await store.close();
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
  syncFolder(dataDir);
  return { ...progress, step: 'done' };
}

/** Parts get new numbers as they are attached; their order stays. */
function byBlock(a: string, b: string): number {
  const first = (part: string): number => Number(part.split('_')[1] ?? 0);
  return first(a) - first(b);
}
