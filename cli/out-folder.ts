import { accessSync, constants } from 'node:fs';
import { makeFolder } from '../durable/make-folder.ts';
import { SextantError } from '../errors/sextant-error.ts';

/**
 * Makes the folder that a bundle is to be written to, and sees before anything is gathered that it takes files: a medium that
 * is mounted read-only, for one. Throws SX_BAD_REQUEST.
 */
export function makeOutFolder(out: string): void {
  try {
    makeFolder(out, 0o777);
    accessSync(out, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new SextantError('SX_BAD_REQUEST', `--out: cannot use ${out}: ${(cause as Error).message}`, {
      cause,
      nextStep: 'name a folder that this user may write to',
    });
  }
}
