import { ValueType } from '@opentelemetry/api';
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import type { Resource } from '@opentelemetry/resources';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import type { MetricCatalogue } from '../sources/metric-catalogue.ts';
import type { Spool } from '../spool/spool.ts';

/** One measurement of a metric of a catalogue. */
export interface Sample<Name extends string = string> {
  metric: Name;
  value: number;
  attributes?: Readonly<Record<string, string | number | boolean>>;
  /** When it was measured; the time of the report when absent. */
  unixMs?: number;
}

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
export function createSampleSink({
  spool,
  resource,
  nowMs,
}: {
  spool: Spool;
  resource: Resource;
  nowMs(): number;
}): SampleSink {
  const startedMs = nowMs();
  return {
    async report(scope, catalogue, samples) {
      const atMs = nowMs();
      const finite = samples.filter(({ value }) => Number.isFinite(value));
      for (let from = 0; from < finite.length; from += maxBatchPoints) {
        const part = finite.slice(from, from + maxBatchPoints);
        const metrics = toMetrics(catalogue, part, { atMs, startedMs });
        const payload = ProtobufMetricsSerializer.serializeRequest({
          resource,
          scopeMetrics: [{ scope: { name: scope }, metrics }],
        });
        if (payload === undefined) throw new Error('BUG: the serializer returned nothing');
        await spool.append('metrics', { payload, records: part.length, sources: { [scope]: part.length } });
      }
    },
  };
}

function toMetrics(
  catalogue: MetricCatalogue,
  samples: readonly Sample[],
  { atMs, startedMs }: { atMs: number; startedMs: number },
): MetricData[] {
  return Map.groupBy(samples, ({ metric }) => metric)
    .entries()
    .map(([name, ofMetric]): MetricData => {
      const row = catalogue[name];
      if (!row) throw new Error(`BUG: ${name} is in no catalogue`);
      const [kind, unit, description] = row;
      const descriptor = { name, unit, description, valueType: ValueType.DOUBLE };
      const dataPoints = ofMetric.map(({ value, attributes = {}, unixMs = atMs }) => ({
        value,
        attributes,
        startTime: hrTime(Math.min(startedMs, unixMs)),
        endTime: hrTime(unixMs),
      }));
      const aggregationTemporality = AggregationTemporality.CUMULATIVE;
      return kind === 'gauge'
        ? { descriptor, dataPointType: DataPointType.GAUGE, aggregationTemporality, dataPoints }
        : {
            descriptor,
            dataPointType: DataPointType.SUM,
            aggregationTemporality,
            dataPoints,
            isMonotonic: kind === 'counter',
          };
    })
    .toArray();
}

function hrTime(unixMs: number): [number, number] {
  const whole = Math.floor(unixMs / 1000);
  return [whole, Math.round((unixMs - whole * 1000) * 1e6)];
}
