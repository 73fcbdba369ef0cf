import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const checkout = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * The data folder of a command that is given none: `SEXTANT_DATA_DIR`, else `data` beside the program. Absolute.
 * The environment is read here and nowhere else.
 */
export function defaultDataDir(): string {
  return resolve(process.env.SEXTANT_DATA_DIR || join(checkout, 'data'));
}
