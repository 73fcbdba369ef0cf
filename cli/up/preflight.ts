import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadSettings } from '../../config/load.ts';
import type { Settings } from '../../config/settings.ts';
import { type FolderLock, lockFolder } from '../../durable/folder-lock.ts';
import type { UpOptions } from '../up.ts';
import { checkDataFolder, makeDataFolder } from './data-folder.ts';
import { findPort } from './free-port.ts';

export interface Preflight {
  settings: Settings;
  /** A port that was free a moment ago; never 0. */
  port: number;
  lock: FolderLock;
}

/**
 * Finds what is wrong with the call or its surroundings before anything is written: configuration, data folder, port.
 * Resolves with the data folder made (0700) and locked.
 */
export async function preflight(options: UpOptions): Promise<Preflight> {
  const { dataDir } = options;
  checkDataFolder(dataDir);
  const settings = loadSettings({
    dataDir,
    ...(options.config === undefined ? {} : { configFile: options.config }),
    overrides: options.port === undefined ? {} : { 'collector.port': options.port },
  });
  // Whoever holds the folder holds the port as well, and is the better answer.
  const folder = join(dataDir, 'up');
  const claim = (): FolderLock => lockFolder(folder, { role: 'sextant up', nowMs: Date.now() });
  const held = existsSync(folder) ? claim() : undefined;
  try {
    const port = await findPort(settings['collector.listen'], settings['collector.port']);
    makeDataFolder(dataDir);
    return { settings, port, lock: held ?? claim() };
  } catch (error) {
    held?.close();
    throw error;
  }
}
