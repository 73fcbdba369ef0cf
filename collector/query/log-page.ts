import type { LogPage, LogRow, Severity } from '../api/shapes.ts';
import { decodeCursor, encodeCursor, type LogCursor } from './log-cursor.ts';
import type { Queries } from './queries.ts';
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
  timeoutMs?: number;
  signal?: AbortSignal;
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
 * thousands share one time; records with the same `log.record.uid` and time are one record.
 * A page may hold fewer records than asked for and still have a next one.
 */
export async function readLogPage(store: Queries, request: LogPageRequest): Promise<LogPage> {
  const start = request.cursor === undefined ? firstPlace(request) : decodeCursor(request.cursor);
  const result = await store.query<StoredRow>(withFilter(pageSql[request.order], request.filter), {
    parameters: {
      ...request.filter.parameters,
      ...rangeParameters(request.range),
      fromNano: start.unixNano,
      fromTie: start.tie,
      given: start.given,
      limit: request.limit,
    },
    timeoutMs: request.timeoutMs ?? 30_000,
    ...(request.signal ? { signal: request.signal } : {}),
  });

  const records: LogRow[] = [];
  const place: LogCursor = { ...start };
  for (const row of result.rows) {
    const alike = row.unixNano === place.unixNano && row.tieText === place.tie && place.given > 0;
    place.given = alike || (row.unixNano === place.unixNano && row.tieText === place.tie) ? place.given + 1 : 1;
    place.unixNano = row.unixNano;
    place.tie = row.tieText;
    if (!(alike && row.hasUid)) records.push(logRow(row));
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
