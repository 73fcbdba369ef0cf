import type { Aggregation, MetricName, MetricPoint } from '../../../../collector/api/shapes/metrics.ts';

/** Sums that go up and down: how much there is, not how much has happened. */
const levels = /\.(usage|limit|size|utilization)$|\.(process|connection|physical|logical)\.count$/;

/** How a metric is best looked at first: what has happened per second, or how much there is. */
export function defaultAggregation({ kind, name }: MetricName): Aggregation {
  if (kind === 'gauge') return 'avg';
  if (kind !== 'sum') return 'p95';
  return levels.test(name) || name === 'system.uptime' ? 'avg' : 'rate';
}

/** Lines that can be told apart: each colour drawn through and dashed. */
const mostCombinations = 16;

/** Groups by node and by as many attributes as still give a readable number of lines, the coarsest first. */
export function defaultGrouping(points: readonly MetricPoint[]): string[] {
  const values = new Map<string, Set<string>>();
  for (const point of points) {
    for (const [name, value] of Object.entries(point.attributes))
      values.set(name, (values.get(name) ?? new Set()).add(value));
  }
  const nodes = new Set(points.map((point) => point.node)).size;
  const grouping = ['node'];
  let combinations = Math.max(1, nodes);
  for (const [name, distinct] of [...values].sort((a, b) => a[1].size - b[1].size)) {
    combinations *= distinct.size;
    if (combinations > mostCombinations) break;
    grouping.push(name);
  }
  return grouping;
}
