import type { Aggregation, MetricName } from '../../../../collector/api/shapes/metrics.ts';

const levels = ['avg', 'min', 'max', 'last', 'sum'] as const;
const distributions = ['p50', 'p95', 'p99', 'avg', 'count', 'rate'] as const;

/** What can be shown of a metric of this kind, in the order in which it is offered. */
export function metricAggregations(kind: MetricName['kind']): readonly Aggregation[] {
  if (kind === 'gauge') return levels;
  return kind === 'sum' ? [...levels, 'rate'] : distributions;
}
