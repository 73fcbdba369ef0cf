import { ValueType } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import type { MetricCatalogue } from '../sources/metric-catalogue.ts';

/** One measurement of a metric of a catalogue. */
export interface Sample<Name extends string = string> {
  metric: Name;
  value: number;
  attributes?: Readonly<Record<string, string | number | boolean>>;
  /** When it was measured; the time of the report when absent. */
  unixMs?: number;
}

/**
 * Samples as the SDK has metrics, by name. `atMs`: the time of those that have none of their own; `startedMs`: since when
 * sums count.
 */
export function metricData(
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
