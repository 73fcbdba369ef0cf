import type { MetricName } from '../api/shapes/metrics.ts';
import { ask, type Queries } from './ask.ts';
import { sqlFile } from './sql-file.ts';
import { rangeParameters, type TimeRange } from './time-value.ts';

const namesSql = sqlFile('sql/metric-names.sql', import.meta.url);

/** Lists the metrics that had a sample in the range, by name. */
export async function readMetricNames(
  queries: Queries,
  request: { range: TimeRange; signal?: AbortSignal | undefined },
): Promise<MetricName[]> {
  const result = await ask<MetricName>(queries, namesSql, {
    parameters: rangeParameters(request.range),
    signal: request.signal,
  });
  return result.rows;
}
