import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import type { Resource } from '@opentelemetry/resources';
import type { ScopeMetrics } from '@opentelemetry/sdk-metrics';
import type { ClockOffset } from '../control/clock-offset.ts';
import { ownScope } from '../own-events.ts';
import type { MetricCatalogue } from '../sources/metric-catalogue.ts';
import type { Spool } from '../spool/spool.ts';
import { metricData } from './metric-data.ts';

const stream = 'metrics';

/** Part of every batch of metrics, once the collector has answered. */
export const clockMetrics = {
  'sextant.agent.clock.offset': ['gauge', 's', 'How far this clock is ahead of the collector’s.'],
  'sextant.agent.clock.bound': ['gauge', 's', 'How far off the measured clock offset can be.'],
} as const satisfies MetricCatalogue;

/** The one way to the spool for metrics, so that no batch lacks what belongs into each. */
export interface MetricBatches {
  /** Resolves when the points are durable, with the offset of the clock at this moment. Nothing is written for none. */
  append(scopes: readonly ScopeMetrics[]): Promise<void>;
}

export function createMetricBatches({
  spool,
  resource,
  clock,
  nowMs,
}: {
  spool: Spool;
  resource: Resource;
  clock: Pick<ClockOffset, 'ms' | 'boundMs'>;
  nowMs(): number;
}): MetricBatches {
  function clockScope(): ScopeMetrics[] {
    const [offsetMs, boundMs] = [clock.ms(), clock.boundMs()];
    if (offsetMs === undefined || boundMs === undefined) return [];
    const atMs = nowMs();
    const samples = [
      { metric: 'sextant.agent.clock.offset', value: offsetMs / 1000 },
      { metric: 'sextant.agent.clock.bound', value: boundMs / 1000 },
    ];
    return [{ scope: { name: ownScope }, metrics: metricData(clockMetrics, samples, { atMs, startedMs: atMs }) }];
  }

  return {
    async append(scopes) {
      if (scopes.every((scope) => pointsOf(scope) === 0)) return;
      // Last: what reads only a batch's beginning finds what the batch is about.
      const scopeMetrics = [...scopes, ...clockScope()];
      const sources: Record<string, number> = {};
      let records = 0;
      for (const scope of scopeMetrics) {
        const points = pointsOf(scope);
        sources[scope.scope.name] = (sources[scope.scope.name] ?? 0) + points;
        records += points;
      }
      const payload = ProtobufMetricsSerializer.serializeRequest({ resource, scopeMetrics });
      if (payload === undefined) throw new Error('BUG: the serializer returned nothing');
      await spool.append(stream, { payload, records, sources });
    },
  };
}

const pointsOf = ({ metrics }: ScopeMetrics): number =>
  metrics.reduce((sum, metric) => sum + metric.dataPoints.length, 0);
