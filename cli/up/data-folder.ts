import { accessSync, chmodSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../durable/make-folder.ts';
import { SextantError } from '../../errors/sextant-error.ts';

/** What lies in a data folder of ours; any other content means that the folder is somebody else's. */
const ours = new Set(['up', 'collector', 'agent', 'logs', 'sextant.yaml', 'lost+found']);

/**
 * Looks whether this folder can be the data folder, and changes nothing.
 * Throws SX_DATA_FOLDER when it is no folder, cannot be written, or holds something else.
 */
export function checkDataFolder(dataDir: string): void {
  if (!existsSync(dataDir)) return;
  if (!statSync(dataDir).isDirectory()) throw new SextantError('SX_DATA_FOLDER', `${dataDir} is not a folder`);
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw unusable(dataDir, cause);
  }
  const names = readdirSync(dataDir);
  const foreign = names.find((name) => !ours.has(name));
  if (foreign && !existsSync(join(dataDir, 'up'))) {
    throw new SextantError('SX_DATA_FOLDER', `${dataDir} holds other things (${foreign}) and is not a data folder`, {
      nextStep: 'name a new or an empty folder with --data-dir',
    });
  }
}

/** Makes the data folder and closes it to everyone else: telemetry and keys lie in it. Throws SX_DATA_FOLDER. */
export function makeDataFolder(dataDir: string): void {
  try {
    makeFolder(dirname(dataDir), 0o755);
    makeFolder(join(dataDir, 'logs'));
    chmodSync(dataDir, 0o700);
  } catch (cause) {
    throw unusable(dataDir, cause);
  }
}

function unusable(dataDir: string, cause: unknown): SextantError {
  return new SextantError('SX_DATA_FOLDER', `cannot use the data folder ${dataDir}: ${(cause as Error).message}`, {
    cause,
  });
}
