import { expect, test } from 'vitest';
import type { MetricName, MetricPoint } from '../../../../../collector/api/shapes/metrics.ts';
import { defaultAggregation, defaultGrouping } from '../../../../../dashboards/web/src/metrics/default-view.ts';
import { metricAggregations } from '../../../../../dashboards/web/src/metrics/metric-aggregations.ts';

const metric = (name: string, kind: MetricName['kind']): MetricName => ({ name, kind, unit: '', description: '' });
const point = (node: string, attributes: Record<string, string>): MetricPoint => ({
  timestamp: '',
  node,
  value: 0,
  unit: '',
  attributes,
});

test('shows what has happened as a rate and what there is as it is', () => {
  expect(defaultAggregation(metric('system.disk.io', 'sum'))).toBe('rate');
  expect(defaultAggregation(metric('system.network.packet.count', 'sum'))).toBe('rate');
  expect(defaultAggregation(metric('system.memory.usage', 'sum'))).toBe('avg');
  expect(defaultAggregation(metric('system.process.count', 'sum'))).toBe('avg');
  expect(defaultAggregation(metric('system.cpu.utilization', 'gauge'))).toBe('avg');
  expect(defaultAggregation(metric('http.server.request.duration', 'histogram'))).toBe('p95');
});

test('offers of a metric what its kind can answer, its default among it', () => {
  for (const kind of ['gauge', 'sum', 'histogram', 'exponential-histogram', 'summary'] as const) {
    expect(metricAggregations(kind)).toContain(defaultAggregation(metric('some.metric', kind)));
  }
  expect(metricAggregations('gauge')).not.toContain('rate');
  expect(metricAggregations('histogram')).not.toContain('last');
});

test('groups by what still gives lines that can be told apart', () => {
  const modes = ['user', 'system', 'idle'].flatMap((mode) =>
    Array.from({ length: 16 }, (_, cpu) => point('a', { 'cpu.mode': mode, 'cpu.logical_number': String(cpu) })),
  );
  expect(defaultGrouping(modes)).toEqual(['node', 'cpu.mode']);
  expect(defaultGrouping([])).toEqual(['node']);
});
