import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unwritable } from '../durable/unwritable.ts';

/** Makes a folder for what a command needs while it runs; the caller removes it. Throws SX_BAD_REQUEST. */
export const makeScratchFolder = (prefix: string): Promise<string> =>
  mkdtemp(join(tmpdir(), prefix)).catch((error) => {
    throw unwritable(tmpdir(), error, 'temporary files go there: name another folder in TMPDIR (TEMP on Windows)');
  });
