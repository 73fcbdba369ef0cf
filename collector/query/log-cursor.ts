import { Buffer } from 'node:buffer';
import { SextantError } from '../../errors/sextant-error.ts';

/**
 * A place in the order of log records: time, then order of arrival (the engine's number of the insert and the place in
 * it, which no other record of that day shares).
 */
export interface LogCursor {
  unixNano: string;
  block: string;
  offset: string;
}

/** The cursor as a text that fits a URL. */
export function encodeCursor(cursor: LogCursor): string {
  return Buffer.from(`${cursor.unixNano}.${cursor.block}.${cursor.offset}`).toString('base64url');
}

/** Throws SX_BAD_REQUEST for a text that `encodeCursor` did not make. */
export function decodeCursor(text: string): LogCursor {
  const match = /^(\d{1,18}|[1-8]\d{18})\.(\d{1,18})\.(-1|\d{1,18})$/.exec(
    Buffer.from(text, 'base64url').toString('latin1'),
  );
  const [, unixNano, block, offset] = match ?? [];
  if (!unixNano || !block || !offset) {
    throw new SextantError('SX_BAD_REQUEST', 'cursor: is not one that a page of logs ended with');
  }
  return { unixNano, block, offset };
}
