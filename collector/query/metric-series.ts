import { SextantError } from '../../errors/sextant-error.ts';
import type { Aggregation, MetricSeries } from '../api/shapes/metrics.ts';
import { ask, type Queries } from './ask.ts';
import { needsDistribution, readDistributionRows, type SeriesRow } from './metric-distribution.ts';
import { sqlFile } from './sql-file.ts';
import { roundStepMs, stepStarts } from './step.ts';
import { rangeParameters, type TimeRange } from './time-value.ts';

const seriesSql = sqlFile('sql/metric-series.sql', import.meta.url);
const rateSql = sqlFile('sql/metric-rate.sql', import.meta.url);
const rolledSeriesSql = sqlFile('sql/metric-series-rolled.sql', import.meta.url);
const rolledRateSql = sqlFile('sql/metric-rate-rolled.sql', import.meta.url);

/** Coarsest first. A step that is whole slots gets the same answer from a rollup, from a fraction of the rows. */
const rollups = [
  { rollup: 'metric_rollup_1h', slotSeconds: 3600 },
  { rollup: 'metric_rollup_5m', slotSeconds: 300 },
] as const;

const maxSteps = 5000;
/** Values that storage gives. */
const maxValues = 500_000;
/** Places of the answer: each series has one for every step, whether there is a value or not. */
const maxPlaces = 1_000_000;
/** A counter's sample this long before the range still tells where it stood. */
const lookBackMs = 300_000;

export interface MetricSeriesRequest {
  name: string;
  range: TimeRange;
  /** A round step of about 1/120 of the range, at least 10 s, when absent. */
  stepMs?: number | undefined;
  aggregation: Aggregation;
  /** Attribute names, `node` among them where wanted; one series per combination of values. */
  by: string[];
  node?: string | undefined;
  where: { name: string; value: string }[];
  signal?: AbortSignal | undefined;
}

/**
 * Reads a metric as series on one shared time axis; a step without a sample is null.
 * `rate` is per second, takes counter resets into account per series and adds the series of a group up.
 * Histograms and summaries have `count`, `p50`, `p95` and `p99` besides.
 */
export async function readMetricSeries(queries: Queries, request: MetricSeriesRequest): Promise<MetricSeries> {
  const sinceMs = Number(request.range.sinceUnixNano / 1_000_000n);
  const untilMs = Number((request.range.untilUnixNano + 999_999n) / 1_000_000n);
  const stepMs = request.stepMs ?? Math.max(10_000, roundStepMs(untilMs - sinceMs, 120));
  if ((untilMs - sinceMs) / stepMs > maxSteps) {
    throw new SextantError('SX_BAD_REQUEST', `step: cuts the range into more than ${maxSteps} parts`, {
      nextStep: 'take a longer step or a shorter range',
    });
  }
  const timestamps = stepStarts(sinceMs, untilMs, stepMs);
  const rows = await readRows(queries, request, {
    ...rangeParameters(request.range),
    sinceMs: timestamps[0] ?? sinceMs,
    untilMs,
    lookBackMs: (timestamps[0] ?? sinceMs) - Math.max(lookBackMs, stepMs),
    stepMs,
    aggregation: request.aggregation,
    name: request.name,
    node: request.node ?? '',
    by: request.by,
    whereNames: request.where.map((condition) => condition.name),
    whereValues: request.where.map((condition) => condition.value),
    limit: maxValues + 1,
  });
  if (rows.length > maxValues) throw tooLarge(`more than ${maxValues} values`);

  const series = new Map<string, MetricSeries['series'][number]>();
  const firstMs = timestamps[0] ?? sinceMs;
  for (const row of rows) {
    const key = JSON.stringify(row.labels);
    let one = series.get(key);
    if (!one) {
      if ((series.size + 1) * timestamps.length > maxPlaces) {
        throw tooLarge(`more than ${series.size} series of ${timestamps.length} steps`);
      }
      const labels = Object.fromEntries(request.by.map((name, index) => [name, row.labels[index] ?? '']));
      one = { labels, values: timestamps.map(() => null) };
      series.set(key, one);
    }
    one.values[(Number(row.bucketUnixMs) - firstMs) / stepMs] = row.value;
  }
  return {
    name: request.name,
    unit: rows[0]?.metricUnit ?? '',
    stepMs,
    timestamps,
    series: [...series.values()],
  };
}

const tooLarge = (what: string): SextantError =>
  new SextantError('SX_QUERY_TOO_LARGE', `the answer would have ${what}`, {
    nextStep: 'ask for a longer step, fewer labels, one node or a shorter range',
  });

async function readRows(
  queries: Queries,
  { aggregation, signal }: MetricSeriesRequest,
  parameters: Record<string, unknown>,
): Promise<SeriesRow[]> {
  if (!needsDistribution(aggregation)) {
    const rolled = rollups.find(({ slotSeconds }) => Number(parameters.stepMs) % (slotSeconds * 1000) === 0);
    const sql = statementFor(aggregation === 'rate', rolled !== undefined);
    const { rows } = await ask<SeriesRow>(queries, sql, { parameters: { ...parameters, ...rolled }, signal });
    if (rows.length > 0) return rows;
  }
  return readDistributionRows(queries, aggregation, parameters, signal);
}

function statementFor(isRate: boolean, isRolled: boolean): string {
  if (isRate) return isRolled ? rolledRateSql : rateSql;
  return isRolled ? rolledSeriesSql : seriesSql;
}
