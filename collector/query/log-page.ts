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
  block: string;
  offset: string;
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
      placeNano: start.unixNano,
      placeBlock: start.block,
      placeOffset: start.offset,
      limit: request.limit,
    },
    signal: request.signal,
  });

  const last = result.rows.length < request.limit ? undefined : result.rows.at(-1);
  return {
    records: result.rows.map(logRow),
    next: last ? encodeCursor(last) : null,
    rowsRead: result.rowsRead,
    bytesRead: result.bytesRead,
  };
}

function firstPlace(request: LogPageRequest): LogCursor {
  const { sinceUnixNano, untilUnixNano } = request.range;
  return { unixNano: String(request.order === 'asc' ? sinceUnixNano : untilUnixNano), block: '0', offset: '-1' };
}

/** What the record says of itself, together with where it comes from, under the names of the semantic conventions. */
function logRow(row: StoredRow): LogRow {
  const attributes: Record<string, string> = { ...row.attributes };
  if (row.service) attributes['service.name'] ??= row.service;
  if (row.scope) attributes['otel.scope.name'] ??= row.scope;
  return { timestamp: row.timestamp, node: row.node, severity: row.severity, body: row.body, attributes };
}
