import { ClickHouseError } from '@clickhouse/client';
import { SextantError } from '../../../errors/sextant-error.ts';

/**
 * Codes with which a server says that it cannot now, whatever it is given: what is tried again, and never a reason to
 * doubt the data. An unknown table, a missing grant or a wrong password is of this kind: an administrator mends it.
 */
const cannotNow = new Set([
  3, 60, 81, 159, 160, 164, 201, 202, 203, 209, 210, 216, 225, 236, 241, 242, 243, 252, 279, 285, 286, 289, 290, 297,
  298, 319, 394, 425, 439, 492, 497, 516, 517, 519, 574, 598, 692, 693, 694, 700, 725, 733, 746, 749, 999,
]);

/** SX_STORAGE_AWAY for a failure that is not about the statement or its data; anything else as it is. */
export function asAway(error: unknown): unknown {
  if (error instanceof SextantError) return error;
  if (error instanceof ClickHouseError && !cannotNow.has(Number(error.code))) return error;
  if (error instanceof SyntaxError) return error;
  const what = error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : String(error);
  return new SextantError(
    'SX_STORAGE_AWAY',
    `the ClickHouse server does not take it: ${what?.slice(0, 400) ?? 'no word why'}`,
    {
      cause: error,
    },
  );
}

export const isAway = (error: unknown): boolean =>
  error instanceof SextantError && (error.code === 'SX_STORAGE_AWAY' || error.code === 'SX_STORAGE_UNFIT');
