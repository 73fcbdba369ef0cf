import { ask, type Queries } from './ask.ts';
import { type Condition, sqlFile } from './sql-file.ts';
import { rangeParameters, type TimeRange } from './time-value.ts';

const suspectsSql = sqlFile('sql/log-suspects.sql', import.meta.url);
const repeatedSql = sqlFile('sql/log-repeated.sql', import.meta.url);
const onceSql = sqlFile('sql/log-once.sql', import.meta.url);

/** 2106-02-07: the engine's five minutes are of 32 bits, and begin again at 1970 behind it. */
const endOfFiveMinutes = 2n ** 32n * 1_000_000_000n - 1n;

interface OnceRequest {
  range: TimeRange;
  filter: Condition;
  signal?: AbortSignal | undefined;
}

export interface EachOnce {
  filter: Condition;
  /** How many records the range holds at most, whatever the filter says; those that are stored twice count twice.
   *  Infinite where that is not known. */
  records: number;
}

/**
 * The request's filter, narrowed to one record per `log.record.uid`. Where nothing can be there twice, which is what it
 * finds first and nearly always, that is one look at a projection of a few rows for five minutes.
 */
export async function eachOnce(queries: Queries, request: OnceRequest): Promise<EachOnce> {
  const { filter, signal } = request;
  const range = rangeParameters(request.range);
  const beyond = request.range.untilUnixNano > endOfFiveMinutes;
  const found = await ask<{ suspects: string[]; records: number | string }>(queries, suspectsSql, {
    parameters: beyond ? { ...range, until: String(endOfFiveMinutes) } : range,
    signal,
  });
  const suspects = found.rows[0]?.suspects ?? [];
  const records = beyond ? Number.POSITIVE_INFINITY : Number(found.rows[0]?.records ?? 0);
  if (suspects.length === 0) return { filter, records };
  const counted = await ask<{ repeated: number | string }>(queries, repeatedSql, {
    parameters: { ...range, suspects },
    signal,
  });
  if (Number(counted.rows[0]?.repeated ?? 0) === 0) return { filter, records };
  const once = { sql: `(${filter.sql}) AND (${onceSql})`, parameters: { ...filter.parameters, suspects } };
  return { filter: once, records };
}
