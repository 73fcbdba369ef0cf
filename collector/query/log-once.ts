import { ask, type Queries } from './ask.ts';
import { type Condition, sqlFile } from './sql-file.ts';
import { rangeParameters, type TimeRange } from './time-value.ts';

const suspectsSql = sqlFile('sql/log-suspects.sql', import.meta.url);
const repeatedSql = sqlFile('sql/log-repeated.sql', import.meta.url);
const onceSql = sqlFile('sql/log-once.sql', import.meta.url);

interface OnceRequest {
  range: TimeRange;
  filter: Condition;
  signal?: AbortSignal | undefined;
}

/**
 * The request's filter, narrowed to one record per `log.record.uid`. Where nothing can be there twice, which is what it
 * finds first and nearly always, that is one look at a projection of a few rows for five minutes.
 */
export async function eachOnce(queries: Queries, request: OnceRequest): Promise<Condition> {
  const { filter, signal } = request;
  const range = rangeParameters(request.range);
  const found = await ask<{ Node: string }>(queries, suspectsSql, { parameters: range, signal });
  if (found.rows.length === 0) return filter;
  const suspects = found.rows.map((row) => row.Node);
  const counted = await ask<{ repeated: number | string }>(queries, repeatedSql, {
    parameters: { ...range, suspects },
    signal,
  });
  if (Number(counted.rows[0]?.repeated ?? 0) === 0) return filter;
  return { sql: `(${filter.sql}) AND (${onceSql})`, parameters: { ...filter.parameters, suspects } };
}
