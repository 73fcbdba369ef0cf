import { accessSync, chmodSync, constants, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SextantError } from '../../errors/sextant-error.ts';

/** What lies in a data folder of ours; any other content means that the folder is somebody else's. */
const ours = new Set(['up', 'collector', 'agent', 'logs', 'sextant.yaml', 'lost+found']);

/**
 * Looks whether this folder can be the data folder, and changes nothing.
 * Throws SX_DATA_FOLDER when it is no folder, cannot be made or written, or holds something else.
 */
export function checkDataFolder(dataDir: string): void {
  const present = nearestPresent(dataDir);
  if (!statSync(present).isDirectory()) {
    throw new SextantError('SX_DATA_FOLDER', `cannot use the data folder ${dataDir}: ${present} is not a folder`);
  }
  try {
    accessSync(present, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw unusable(dataDir, cause);
  }
  if (present !== dataDir || existsSync(join(dataDir, 'up'))) return;
  const foreign = readdirSync(dataDir).find((name) => !ours.has(name));
  if (foreign) {
    throw new SextantError('SX_DATA_FOLDER', `${dataDir} holds other things (${foreign}) and is not a data folder`, {
      nextStep: 'name a new or an empty folder with --data-dir',
    });
  }
}

/** Makes the data folder and closes it to everyone else: telemetry and keys lie in it. Throws SX_DATA_FOLDER. */
export function makeDataFolder(dataDir: string): void {
  try {
    makeWithParents(dataDir, 0o700);
    chmodSync(dataDir, 0o700);
    makeWithParents(join(dataDir, 'logs'), 0o700);
  } catch (cause) {
    throw unusable(dataDir, cause);
  }
}

/** One folder after the other: Node's own `recursive` never returns where a filesystem such as /proc denies names. */
function makeWithParents(folder: string, mode: number): void {
  if (existsSync(folder) && statSync(folder).isDirectory()) return;
  if (!existsSync(dirname(folder))) makeWithParents(dirname(folder), 0o777);
  mkdirSync(folder, { mode });
}

/** The path itself, or the deepest part of it that exists. */
function nearestPresent(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestPresent(dirname(path));
}

function unusable(dataDir: string, cause: unknown): SextantError {
  return new SextantError('SX_DATA_FOLDER', `cannot use the data folder ${dataDir}: ${(cause as Error).message}`, {
    cause,
  });
}
