import type { LogPage, LogRow, Severity } from '../api/shapes.ts';
import { ask, type Queries } from './ask.ts';
import { decodeCursor, encodeCursor, type LogCursor } from './log-cursor.ts';
import { eachOnce } from './log-once.ts';
import { type Condition, sqlFile, withFilter } from './sql-file.ts';
import { rangeParameters, type TimeRange } from './time-value.ts';

const pageSql = {
  asc: sqlFile('sql/log-page-asc.sql', import.meta.url),
  desc: sqlFile('sql/log-page-desc.sql', import.meta.url),
};

export interface LogPageRequest {
  range: TimeRange;
  filter: Condition;
  order: 'asc' | 'desc';
  limit: number;
  /** `next` of the page before. */
  cursor?: string | undefined;
  signal?: AbortSignal | undefined;
}

interface StoredRow {
  timestamp: string;
  unixNano: string;
  tieText: string;
  hasUid: number;
  node: string;
  severity: Severity;
  body: string;
  service: string;
  scope: string;
  attributes: Record<string, string>;
}

/**
 * Reads one page of log records in order of time. Following `next` gives every record of the range once, also where
 * thousands share one time; records with the same `log.record.uid` are one record.
 * A page may hold fewer records than asked for and still have a next one.
 */
export async function readLogPage(queries: Queries, request: LogPageRequest): Promise<LogPage> {
  return readPageOf(queries, { ...request, filter: await eachOnce(queries, request) });
}

/** As `readLogPage`, for a filter that has been narrowed by `eachOnce` before. */
export async function readPageOf(queries: Queries, request: LogPageRequest): Promise<LogPage> {
  const start = request.cursor === undefined ? firstPlace(request) : decodeCursor(request.cursor);
  const result = await ask<StoredRow>(queries, withFilter(pageSql[request.order], request.filter), {
    parameters: {
      ...request.filter.parameters,
      ...rangeParameters(request.range),
      fromNano: start.unixNano,
      fromTie: start.tie,
      given: start.given,
      limit: request.limit,
    },
    signal: request.signal,
  });

  const records: LogRow[] = [];
  let place = start;
  for (const row of result.rows) {
    const alike = row.unixNano === place.unixNano && row.tieText === place.tie;
    const again = alike && place.given > 0;
    place = { unixNano: row.unixNano, tie: row.tieText, given: alike ? place.given + 1 : 1 };
    if (!(again && row.hasUid)) records.push(logRow(row));
  }
  const next = result.rows.length < request.limit ? null : encodeCursor(place);
  return { records, next, rowsRead: result.rowsRead, bytesRead: result.bytesRead };
}

function firstPlace(request: LogPageRequest): LogCursor {
  return request.order === 'asc'
    ? { unixNano: String(request.range.sinceUnixNano), tie: '0', given: 0 }
    : { unixNano: String(request.range.untilUnixNano), tie: '18446744073709551615', given: 0 };
}

/** What the record says of itself, together with where it comes from, under the names of the semantic conventions. */
function logRow(row: StoredRow): LogRow {
  const attributes: Record<string, string> = { ...row.attributes };
  if (row.service) attributes['service.name'] ??= row.service;
  if (row.scope) attributes['otel.scope.name'] ??= row.scope;
  return { timestamp: row.timestamp, node: row.node, severity: row.severity, body: row.body, attributes };
}
