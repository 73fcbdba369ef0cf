import type { MetricCatalogue } from '../sources/metric-catalogue.ts';
import type { MetricBatches } from './metric-batches.ts';
import { metricData, type Sample } from './metric-data.ts';

/**
 * Where sources report what they measured on a schedule of their own. The SDK's instruments would repeat a disk's
 * hourly answer at every sample; here each measurement is stored once, with the time at which it was made.
 */
export interface SampleSink {
  /** Resolves when the samples are durable. Values that are not finite are left out. */
  report<Name extends string>(
    scope: string,
    catalogue: MetricCatalogue<Name>,
    samples: readonly Sample<Name>[],
  ): Promise<void>;
}

/** A batch of this many points is some 300 KiB. */
const maxBatchPoints = 2_000;

/** From measurements to durable batches, serialised as OTLP with their own times. */
export function createSampleSink({ batches, nowMs }: { batches: MetricBatches; nowMs(): number }): SampleSink {
  const startedMs = nowMs();
  return {
    async report(scope, catalogue, samples) {
      const atMs = nowMs();
      const finite = samples.filter(({ value }) => Number.isFinite(value));
      for (let from = 0; from < finite.length; from += maxBatchPoints) {
        const part = finite.slice(from, from + maxBatchPoints);
        await batches.append([{ scope: { name: scope }, metrics: metricData(catalogue, part, { atMs, startedMs }) }]);
      }
    },
  };
}
