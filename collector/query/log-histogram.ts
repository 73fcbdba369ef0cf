import type { LogHistogram, Severity } from '../api/shapes/logs.ts';
import { ask, type Queries } from './ask.ts';
import { eachOnce } from './log-once.ts';
import { type Condition, sqlFile, withFilter } from './sql-file.ts';
import { roundStepMs, stepStarts } from './step.ts';
import type { TimeRange } from './time-value.ts';
import { wholeMinutes } from './whole-minutes.ts';

const histogramSql = sqlFile('sql/log-histogram.sql', import.meta.url);

/** Counts records per step and severity; steps without records are present and empty. */
export async function readLogHistogram(
  queries: Queries,
  request: { range: TimeRange; filter: Condition; buckets: number; signal?: AbortSignal | undefined },
): Promise<LogHistogram> {
  const sinceMs = Number(request.range.sinceUnixNano / 1_000_000n);
  const untilMs = Number((request.range.untilUnixNano + 999_999n) / 1_000_000n);
  const stepMs = roundStepMs(untilMs - sinceMs, request.buckets);
  const { filter } = await eachOnce(queries, request);
  const result = await ask<{ bucketUnixMs: number | string; severity: Severity; records: number | string }>(
    queries,
    withFilter(histogramSql, filter),
    {
      parameters: { ...filter.parameters, ...wholeMinutes(request.range, stepMs), stepMs },
      signal: request.signal,
    },
  );
  const countsAt = new Map<number, Partial<Record<Severity, number>>>();
  for (const row of result.rows) {
    const at = Number(row.bucketUnixMs);
    const counts = countsAt.get(at) ?? {};
    counts[row.severity] = Number(row.records);
    countsAt.set(at, counts);
  }
  const buckets = stepStarts(sinceMs, untilMs, stepMs).map((at) => ({
    timestamp: new Date(at).toISOString(),
    counts: countsAt.get(at) ?? {},
  }));
  return { stepMs, buckets };
}
