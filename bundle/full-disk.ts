import { SextantError } from '../errors/sextant-error.ts';

/** What a full disk or an exhausted quota says, as SX_DISK_FULL with `what`; every other error as it is. */
export function namedWhenFull(error: unknown, what: string, nextStep?: string): unknown {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new SextantError('SX_DISK_FULL', what, { cause: error, ...(nextStep && { nextStep }) });
}
