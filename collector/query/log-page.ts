import type { LogPage, LogRow } from '../api/shapes/logs.ts';
import { ask, type Queries } from './ask.ts';
import { decodeCursor, encodeCursor, type LogCursor } from './log-cursor.ts';
import { type EachOnce, eachOnce } from './log-once.ts';
import { logRow, type StoredLog } from './log-row.ts';
import { pageSlices } from './page-slices.ts';
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

/** A record with its place in the order; date, block and offset are no other record's. */
export interface PlacedLog extends StoredLog {
  unixNano: string;
  block: string;
  offset: string;
}

/** A record with the cursor of its place. */
export const placedLogRow = (placed: PlacedLog): LogRow => ({ ...logRow(placed), cursor: encodeCursor(placed) });

/**
 * Reads one page of log records in order of time. Following `next` gives every record of the range once, also where
 * thousands share one time; records with the same `log.record.uid` are one record.
 */
export async function readLogPage(queries: Queries, request: LogPageRequest): Promise<LogPage> {
  const { rows, next, rowsRead, bytesRead } = await readPlacedPage(queries, request, await eachOnce(queries, request));
  return { records: rows.map(placedLogRow), next, rowsRead, bytesRead };
}

/** As `readLogPage`, with what `eachOnce` said of the request. */
export async function readPlacedPage(
  queries: Queries,
  request: Omit<LogPageRequest, 'filter'>,
  { filter, records }: EachOnce,
) {
  const start = request.cursor === undefined ? firstPlace(request) : decodeCursor(request.cursor);
  const sql = withFilter(pageSql[request.order], filter);
  const page = { rows: [] as PlacedLog[], rowsRead: 0, bytesRead: 0 };
  for (const slice of pageSlices(request.range, request.order, { startUnixNano: BigInt(start.unixNano), records })) {
    const result = await ask<PlacedLog>(queries, sql, {
      parameters: {
        ...filter.parameters,
        ...rangeParameters(request.range),
        sliceSince: String(slice.sinceUnixNano),
        sliceUntil: String(slice.untilUnixNano),
        placeNano: start.unixNano,
        placeBlock: start.block,
        placeOffset: start.offset,
        limit: request.limit - page.rows.length,
      },
      signal: request.signal,
    });
    page.rows.push(...result.rows);
    page.rowsRead += result.rowsRead;
    page.bytesRead += result.bytesRead;
    if (page.rows.length >= request.limit) break;
  }
  const last = page.rows.length < request.limit ? undefined : page.rows.at(-1);
  return { ...page, next: last ? encodeCursor(last) : null };
}

function firstPlace(request: Pick<LogPageRequest, 'range' | 'order'>): LogCursor {
  const { sinceUnixNano, untilUnixNano } = request.range;
  return { unixNano: String(request.order === 'asc' ? sinceUnixNano : untilUnixNano), block: '0', offset: '-1' };
}
