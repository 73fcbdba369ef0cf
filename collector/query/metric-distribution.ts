import type { Aggregation } from '../api/shapes/metrics.ts';
import { ask, type Queries } from './ask.ts';
import { type Bucket, quantileOfBuckets } from './quantile.ts';
import { sqlFile } from './sql-file.ts';

const distributionSql = sqlFile('sql/metric-distribution.sql', import.meta.url);
const summarySql = sqlFile('sql/metric-summary-quantile.sql', import.meta.url);

/** A value of a group at the beginning of a step. */
export interface SeriesRow {
  bucketUnixMs: number | string;
  labels: string[];
  metricUnit: string;
  value: number | null;
}

interface DistributionRow {
  bucketUnixMs: number | string;
  labels: string[];
  metricUnit: string;
  observations: number | string;
  total: number | null;
  rate: number | null;
  /** Upper bounds, null for none, and counts that are not 0. */
  buckets: [(number | null)[], (number | string)[]];
  /** Upper bounds of all buckets. */
  bounds: (number | null)[];
}

const quantiles: Partial<Record<Aggregation, number>> = { p50: 0.5, p95: 0.95, p99: 0.99 };

/** Whether an aggregation has a meaning for distributions only. */
export const needsDistribution = (aggregation: Aggregation): boolean =>
  aggregation === 'count' || quantiles[aggregation] !== undefined;

/**
 * Reads what histograms and summaries observed per step and group: `avg` of the values, their `sum`, how many
 * (`count`), how many a second (`rate`), and quantiles, which a summary tells itself and which are estimated from the
 * buckets of a histogram. `min`, `max` and `last` they do not tell; those are empty.
 */
export async function readDistributionRows(
  queries: Queries,
  aggregation: Aggregation,
  parameters: Record<string, unknown>,
  signal: AbortSignal | undefined,
): Promise<SeriesRow[]> {
  const quantile = quantiles[aggregation];
  if (quantile === undefined && !['avg', 'sum', 'count', 'rate'].includes(aggregation)) return [];
  const { rows } = await ask<DistributionRow>(queries, distributionSql, { parameters, signal });
  if (quantile !== undefined && rows.every((row) => row.buckets[0].length === 0)) {
    return (await ask<SeriesRow>(queries, summarySql, { parameters: { ...parameters, quantile }, signal })).rows;
  }
  const value = (row: DistributionRow): number | null => {
    const observations = Number(row.observations);
    if (quantile !== undefined) return quantileOfBuckets(bucketsOf(row), quantile);
    if (aggregation === 'count') return observations;
    if (aggregation === 'sum') return row.total;
    if (aggregation === 'rate') return row.rate;
    return observations === 0 ? null : (row.total ?? 0) / observations;
  };
  const counts = aggregation === 'count' || aggregation === 'rate';
  return rows.map((row) => ({
    bucketUnixMs: row.bucketUnixMs,
    labels: row.labels,
    metricUnit: counts ? '1' : row.metricUnit,
    value: value(row),
  }));
}

function bucketsOf({ buckets: [upperBounds, counts], bounds }: DistributionRow): Bucket[] {
  const countOf = new Map(upperBounds.map((upperBound, index) => [upperBound, Number(counts[index])]));
  return bounds.map((upperBound) => ({ upperBound, count: countOf.get(upperBound) ?? 0 }));
}
