import { SextantError } from '../errors/sextant-error.ts';

const codes = new Set(['EROFS', 'EACCES', 'EPERM', 'ENOTDIR']);

/** A place that somebody named and that cannot be written to as SX_BAD_REQUEST, with what to do; every other error as it is. */
export function unwritable(
  path: string,
  error: unknown,
  nextStep = 'name a folder that this user may write to',
): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined || !codes.has(code)) return error;
  return new SextantError('SX_BAD_REQUEST', `cannot write to ${path}: ${message}`, { cause: error, nextStep });
}
