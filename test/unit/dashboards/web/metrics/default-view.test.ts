import { expect, test } from 'vitest';
import type { MetricName, MetricPoint } from '../../../../../collector/api/shapes.ts';
import { defaultAggregation, defaultGrouping } from '../../../../../dashboards/web/src/metrics/default-view.ts';

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
});

test('groups by what still gives lines that can be told apart', () => {
  const modes = ['user', 'system', 'idle'].flatMap((mode) =>
    Array.from({ length: 16 }, (_, cpu) => point('a', { 'cpu.mode': mode, 'cpu.logical_number': String(cpu) })),
  );
  expect(defaultGrouping(modes)).toEqual(['node', 'cpu.mode']);
  expect(defaultGrouping([])).toEqual(['node']);
});
