import { accessSync, constants } from 'node:fs';
import { SextantError } from '../errors/sextant-error.ts';

/**
 * Sees that this user may look into a data folder: to one who may not it looks as if nothing were there, and he would be told
 * to start a collector that runs, or to enrol a node that is enrolled. A folder that is not there is another matter.
 * Throws SX_DATA_FOLDER.
 */
export function demandReadableData(dataDir: string): void {
  try {
    accessSync(dataDir, constants.R_OK | constants.X_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') return;
    throw new SextantError('SX_DATA_FOLDER', `this user may not look into the data folder ${dataDir}`, {
      cause,
      nextStep: 'run it as the user that the folder belongs to (sudo -u USER), or name another with --data-dir',
    });
  }
}
