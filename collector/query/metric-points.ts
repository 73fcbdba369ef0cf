import type { MetricPoint } from '../api/shapes.ts';
import { ask, type Queries } from './ask.ts';
import { sqlFile } from './sql-file.ts';
import { rangeParameters, type TimeRange } from './time-value.ts';

const pointsSql = sqlFile('sql/metric-points.sql', import.meta.url);

/** Reads the newest `limit` samples of a gauge or sum as they were recorded, oldest of them first. */
export async function readMetricPoints(
  queries: Queries,
  request: {
    name: string;
    range: TimeRange;
    node?: string | undefined;
    limit: number;
    signal?: AbortSignal | undefined;
  },
): Promise<MetricPoint[]> {
  const result = await ask<MetricPoint>(queries, pointsSql, {
    parameters: {
      ...rangeParameters(request.range),
      name: request.name,
      node: request.node ?? '',
      limit: request.limit,
    },
    signal: request.signal,
  });
  return result.rows;
}
