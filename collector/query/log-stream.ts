import type { LogRow } from '../api/shapes/logs.ts';
import { ask, type Queries } from './ask.ts';
import { encodeCursor, type LogCursor } from './log-cursor.ts';
import { eachOnce } from './log-once.ts';
import { type LogPageRequest, type PlacedLog, placedLogRow, readPlacedPage } from './log-page.ts';
import { logRow } from './log-row.ts';
import { sqlFile, withFilter } from './sql-file.ts';
import { rangeParameters } from './time-value.ts';

const newestStartSql = sqlFile('sql/log-newest-start.sql', import.meta.url);

/** The embedded engine hands over an answer as one piece, so a long one is read in pages of this many records. */
const pageRecords = 5000;

/**
 * Gives log records one by one, at most `limit`, with memory for one page. In ascending order these are the newest
 * `limit` records of the range, oldest of them first.
 */
export async function* streamLogs(
  queries: Queries,
  request: LogPageRequest,
  { cursors = false }: { cursors?: boolean | undefined } = {},
): AsyncGenerator<LogRow> {
  const asRow = cursors ? placedLogRow : logRow;
  for await (const row of streamPlacedLogs(queries, request)) yield asRow(row);
}

/** As `streamLogs`, with each record's place. */
export async function* streamPlacedLogs(queries: Queries, asked: LogPageRequest): AsyncGenerator<PlacedLog> {
  const once = await eachOnce(queries, asked);
  const request = { ...asked, filter: once.filter };
  let cursor = request.cursor;
  // Where all there is takes half of what was asked for, what arrives meanwhile has room.
  const mayBeMore = once.records > request.limit / 2;
  if (request.order === 'asc' && cursor === undefined && mayBeMore) cursor = await newestStart(queries, request);
  let left = request.limit;
  do {
    const page = await readPlacedPage(queries, { ...request, cursor, limit: Math.min(left, pageRecords) }, once);
    yield* page.rows;
    left -= page.rows.length;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && left > 0);
}

/** The place right before the oldest of the newest `limit` records; undefined when there are fewer. */
async function newestStart(queries: Queries, request: LogPageRequest): Promise<string | undefined> {
  const result = await ask<LogCursor>(queries, withFilter(newestStartSql, request.filter), {
    parameters: { ...request.filter.parameters, ...rangeParameters(request.range), newer: request.limit - 1 },
    signal: request.signal,
  });
  const row = result.rows[0];
  return row && encodeCursor({ ...row, offset: String(BigInt(row.offset) - 1n) });
}
