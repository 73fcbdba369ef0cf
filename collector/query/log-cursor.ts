import { Buffer } from 'node:buffer';
import { SextantError } from '../../errors/sextant-error.ts';

/**
 * A place in the order of log records: time, then a hash of the record. Records that are alike in both cannot be told
 * apart, so it is enough to know how many of them were given out already.
 */
export interface LogCursor {
  unixNano: string;
  tie: string;
  given: number;
}

/** The cursor as a text that fits a URL. */
export function encodeCursor(cursor: LogCursor): string {
  return Buffer.from(`${cursor.unixNano}.${cursor.tie}.${cursor.given}`).toString('base64url');
}

/** Throws SX_BAD_REQUEST for a text that `encodeCursor` did not make. */
export function decodeCursor(text: string): LogCursor {
  const match = /^(\d{1,19})\.(\d{1,20})\.(\d{1,9})$/.exec(Buffer.from(text, 'base64url').toString('latin1'));
  const [, unixNano, tie, given] = match ?? [];
  if (!unixNano || !tie || !given) {
    throw new SextantError('SX_BAD_REQUEST', 'cursor: is not one that a page of logs ended with');
  }
  return { unixNano, tie, given: Number(given) };
}
