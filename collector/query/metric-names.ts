import type { MetricName } from '../api/shapes.ts';
import type { Queries } from './queries.ts';
import { sqlFile } from './sql-file.ts';
import { rangeParameters, type TimeRange } from './time-value.ts';

const namesSql = sqlFile('sql/metric-names.sql', import.meta.url);

/** Lists the metrics that had a sample in the range, by name. */
export async function readMetricNames(
  store: Queries,
  request: { range: TimeRange; signal?: AbortSignal },
): Promise<MetricName[]> {
  const result = await store.query<MetricName>(namesSql, {
    parameters: rangeParameters(request.range),
    timeoutMs: 30_000,
    ...(request.signal ? { signal: request.signal } : {}),
  });
  return result.rows;
}
