import { SextantError } from '../../errors/sextant-error.ts';
import type { LogContext } from '../api/shapes/logs.ts';
import { ask, type Queries } from './ask.ts';
import { decodeCursor } from './log-cursor.ts';
import { eachOnce } from './log-once.ts';
import { type PlacedLog, placedLogRow } from './log-page.ts';
import { sqlFile, withFilter } from './sql-file.ts';
import { rangeParameters } from './time-value.ts';

const recordSql = sqlFile('sql/log-at.sql', import.meta.url);
const beforeSql = sqlFile('sql/log-before.sql', import.meta.url);
const afterSql = sqlFile('sql/log-after.sql', import.meta.url);

/** Neighbours by arrival are near in time nearly always; the table is in order of time, so a near look is cheap. */
const spansMs = [600_000n, 7_200_000n, 86_400_000n, 1_209_600_000n];

export interface LogContextRequest {
  /** Of the record in the middle. */
  cursor: string;
  before: number;
  after: number;
  signal?: AbortSignal | undefined;
}

/** Where a record came from and when. */
interface LogOrigin {
  receivedUnixNano: string;
  sequence: string;
  service: string;
  scope: string;
  path: string;
}

/**
 * Reads what arrived right before and after a record from the same place: its node, service, source and file.
 * Neighbours lie within two weeks of the record by their own time. Throws SX_NOT_FOUND when the record is gone.
 */
export async function readLogContext(queries: Queries, request: LogContextRequest): Promise<LogContext> {
  const { signal } = request;
  const { unixNano, block, offset } = decodeCursor(request.cursor);
  const place = { placeNano: unixNano, placeBlock: block, placeOffset: offset };
  const found = await ask<PlacedLog & LogOrigin>(queries, recordSql, { parameters: place, signal });
  const record = found.rows[0];
  if (!record) {
    throw new SextantError('SX_NOT_FOUND', 'there is no record at this cursor', {
      nextStep: 'it may have gone with its day; search again',
    });
  }
  const { node, service, scope, path, receivedUnixNano, sequence } = record;
  const origin = { node, service, scope, path, receivedUnixNano, sequence, ...place };

  async function neighbours(sql: string, limit: number): Promise<PlacedLog[]> {
    if (limit === 0) return [];
    let rows: PlacedLog[] = [];
    for (const spanMs of spansMs) {
      const around = spanMs * 1_000_000n;
      const range = {
        sinceUnixNano: BigInt(unixNano) > around ? BigInt(unixNano) - around : 0n,
        untilUnixNano: BigInt(unixNano) + around,
      };
      const { filter } = await eachOnce(queries, { range, filter: { sql: 'true', parameters: {} }, signal });
      const result = await ask<PlacedLog>(queries, withFilter(sql, filter), {
        parameters: { ...filter.parameters, ...rangeParameters(range), ...origin, limit },
        signal,
      });
      rows = result.rows;
      if (rows.length >= limit) break;
    }
    return rows;
  }

  const [before, after] = [await neighbours(beforeSql, request.before), await neighbours(afterSql, request.after)];
  return {
    before: before.reverse().map(placedLogRow),
    record: placedLogRow(record),
    after: after.map(placedLogRow),
  };
}
