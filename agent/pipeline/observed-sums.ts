import type { Meter, MetricOptions } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type ScopeMetrics } from '@opentelemetry/sdk-metrics';

export interface ObservedSums {
  /** The same meter, whose observed sums end with what they are about. */
  meter(meter: Meter, scope: string): Meter;
  /** What was collected, with the sums as sums. */
  restore(scopes: readonly ScopeMetrics[]): ScopeMetrics[];
}

/**
 * Sums that are observed, for which the SDK goes on telling the last value of a series that is not observed any more: an
 * unmounted filesystem would stay in use for ever, and a host whose interfaces come and go would fill our memory. Of a
 * gauge it tells what is there (metric-pipeline.ts); so they are gauges to it, and sums again on the wire.
 */
export function createObservedSums({ nowMs }: { nowMs(): number }): ObservedSums {
  const monotonic = new Map<string, boolean>();
  const startedMs = nowMs();
  const startTime: [number, number] = [Math.floor(startedMs / 1000), (startedMs % 1000) * 1e6];
  const key = (scope: string, name: string): string => `${scope}\0${name}`;

  return {
    meter(meter, scope) {
      const observed = (isMonotonic: boolean) => (name: string, options?: MetricOptions) => {
        monotonic.set(key(scope, name), isMonotonic);
        return meter.createObservableGauge(name, options);
      };
      return {
        createGauge: meter.createGauge.bind(meter),
        createHistogram: meter.createHistogram.bind(meter),
        createCounter: meter.createCounter.bind(meter),
        createUpDownCounter: meter.createUpDownCounter.bind(meter),
        createObservableGauge: meter.createObservableGauge.bind(meter),
        createObservableCounter: observed(true),
        createObservableUpDownCounter: observed(false),
        addBatchObservableCallback: meter.addBatchObservableCallback.bind(meter),
        removeBatchObservableCallback: meter.removeBatchObservableCallback.bind(meter),
      };
    },
    restore(scopes) {
      return scopes.map(({ scope, metrics }) => ({
        scope,
        metrics: metrics.map((metric) => {
          const isMonotonic = monotonic.get(key(scope.name, metric.descriptor.name));
          if (isMonotonic === undefined || metric.dataPointType !== DataPointType.GAUGE) return metric;
          return {
            ...metric,
            dataPointType: DataPointType.SUM,
            aggregationTemporality: AggregationTemporality.CUMULATIVE,
            isMonotonic,
            dataPoints: metric.dataPoints.map((point) => ({ ...point, startTime })),
          };
        }),
      }));
    },
  };
}
