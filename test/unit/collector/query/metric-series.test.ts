import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Aggregation } from '../../../../collector/api/shapes/metrics.ts';
import { readMetricNames } from '../../../../collector/query/metric-names.ts';
import { readMetricPoints } from '../../../../collector/query/metric-points.ts';
import { readMetricSeries } from '../../../../collector/query/metric-series.ts';
import { parseRange } from '../../../../collector/query/time-value.ts';
import { startEngine } from './engine.ts';

let engine: Awaited<ReturnType<typeof startEngine>>;
const range = parseRange('2026-11-20T11:00:00Z', '2026-11-20T11:02:00Z', 0);

const at = (seconds: number) =>
  new Date(Date.parse('2026-11-20T11:00:00Z') + seconds * 1000).toISOString().replace('T', ' ').replace('Z', '');
const sample = (MetricName: string, seconds: number, Value: number, Attributes = {}, over = {}) => ({
  MetricName,
  MetricUnit: '1',
  ServiceName: 'agent',
  Node: 'n1',
  Epoch: 'e1',
  Attributes,
  TimeUnix: at(seconds),
  StartTimeUnix: at(-1000),
  Value,
  ...over,
});
const counter = { AggregationTemporality: 2, IsMonotonic: true, MetricUnit: 'By' };

beforeAll(async () => {
  engine = await startEngine();
  const user = { 'cpu.mode': 'user' };
  const system = { 'cpu.mode': 'system' };
  await engine.insert('otel_metrics_gauge', [
    sample('cpu', 0, 0.2, user),
    sample('cpu', 10, 0.4, user),
    sample('cpu', 0, 0.1, system),
    sample('cpu', 10, 0.1, system),
    sample('cpu', 60, 0.5, user),
    sample('cpu', 5, 0.9, user, { Node: 'n2' }),
  ]);
  const io = (device: string) => ({ 'system.device': device });
  await engine.insert('otel_metrics_sum', [
    // sda: 100/s, then a reset that counts 50 in 10 s, then nothing for the last minute.
    sample('io', -10, 1000, io('sda'), counter),
    sample('io', 0, 2000, io('sda'), counter),
    sample('io', 10, 3000, io('sda'), counter),
    sample('io', 20, 50, io('sda'), counter),
    // sdb starts in the range: its first sample only tells where it stands.
    sample('io', 10, 7000, io('sdb'), counter),
    sample('io', 20, 7200, io('sdb'), counter),
    // The agent restarted, what it counts did not: a new start time, and the old counter.
    sample('restarted', 0, 10, {}, { ...counter, ResourceAttributes: { 'process.pid': '1' } }),
    sample('restarted', 10, 500, {}, { ...counter, StartTimeUnix: at(5), ResourceAttributes: { 'process.pid': '2' } }),
    sample('delta', 10, 30, {}, { ...counter, AggregationTemporality: 1, StartTimeUnix: at(0) }),
    sample('level', 0, 10, {}, { ...counter, IsMonotonic: false }),
    sample('level', 10, 5, {}, { ...counter, IsMonotonic: false }),
  ]);
});
afterAll(() => engine.close());

async function series(name: string, aggregation: Aggregation, over: object = {}) {
  const request = { name, range, stepMs: 30_000, aggregation, by: ['node'], where: [], ...over };
  const result = await readMetricSeries(engine.store, request);
  expect(result.timestamps).toEqual(
    [0, 30, 60, 90].map((seconds) => Date.parse('2026-11-20T11:00:00Z') + seconds * 1000),
  );
  return result.series.map((one) => [
    Object.values(one.labels).join(),
    one.values.map((value) => (value === null ? null : Math.round(value * 1000) / 1000)),
  ]);
}

test.each([
  ['avg', [0.2, null, 0.5, null]],
  ['min', [0.1, null, 0.5, null]],
  ['max', [0.4, null, 0.5, null]],
  ['sum', [0.4, null, 0.5, null]],
] as const)(
  '%s puts the series of a group together per step; a step without a sample is null',
  async (aggregation, values) => {
    expect(await series('cpu', aggregation)).toEqual([
      ['n1', values],
      ['n2', [0.9, null, null, null]],
    ]);
  },
);

test('groups by any attribute, and narrows by attribute and node', async () => {
  expect(await series('cpu', 'last', { by: ['node', 'cpu.mode'], node: 'n1' })).toEqual([
    ['n1,system', [0.1, null, null, null]],
    ['n1,user', [0.4, null, 0.5, null]],
  ]);
  expect(await series('cpu', 'max', { by: [], where: [{ name: 'cpu.mode', value: 'system' }] })).toEqual([
    ['', [0.1, null, null, null]],
  ]);
});

test('a rate takes resets into account per series, and adds the series of a group up', async () => {
  // sda: (1000 + 1000 + 50) in 30 s; sdb: 200 in 10 s.
  expect(await series('io', 'rate')).toEqual([['n1', [88.333, null, null, null]]]);
  expect(await series('io', 'rate', { by: ['system.device'] })).toEqual([
    ['sda', [68.333, null, null, null]],
    ['sdb', [20, null, null, null]],
  ]);
});

test('a restarted agent makes no peak; deltas are their own increase; a level may fall', async () => {
  expect(await series('restarted', 'rate')).toEqual([['n1', [49, null, null, null]]]);
  expect(await series('delta', 'rate')).toEqual([['n1', [3, null, null, null]]]);
  expect(await series('level', 'rate')).toEqual([['n1', [-0.5, null, null, null]]]);
});

test('the rate of a gauge, which has none, is empty', async () => {
  expect(await series('cpu', 'rate')).toEqual([]);
});

test('refuses a step that cuts the range into too many parts', async () => {
  const request = { name: 'cpu', range, stepMs: 1, aggregation: 'avg' as const, by: [], where: [] };
  await expect(readMetricSeries(engine.store, request)).rejects.toThrow('more than 5000 parts');
});

test('lists the metrics of a range with unit and kind', async () => {
  expect(await readMetricNames(engine.store, { range })).toEqual([
    { name: 'cpu', unit: '1', kind: 'gauge', description: '' },
    { name: 'delta', unit: 'By', kind: 'sum', description: '' },
    { name: 'io', unit: 'By', kind: 'sum', description: '' },
    { name: 'level', unit: 'By', kind: 'sum', description: '' },
    { name: 'restarted', unit: 'By', kind: 'sum', description: '' },
  ]);
});

test('gives the newest samples as they were recorded, oldest of them first', async () => {
  const { points } = await readMetricPoints(engine.store, { name: 'cpu', range, limit: 2, node: 'n1' });
  expect(points).toMatchObject([
    { timestamp: '2026-11-20T11:00:10.000000000Z', node: 'n1' },
    { timestamp: '2026-11-20T11:01:00.000000000Z', value: 0.5, unit: '1', attributes: { 'cpu.mode': 'user' } },
  ]);
});

test('series times steps are bounded, whatever is in them', async () => {
  const numbers = Array.from({ length: 300 }, (_, pid) => sample('sparse', 0, 1, { 'process.pid': String(pid) }));
  await engine.insert('otel_metrics_gauge', numbers);
  const day = parseRange('2026-11-20T00:00:00Z', '2026-11-21T00:00:00Z', 0);
  const asked = { name: 'sparse', range: day, aggregation: 'avg' as const, by: ['process.pid'], where: [] };
  await expect(readMetricSeries(engine.store, { ...asked, stepMs: 20_000 })).rejects.toMatchObject({
    code: 'SX_QUERY_TOO_LARGE',
    message: 'the answer would have more than 231 series of 4320 steps',
  });
  expect((await readMetricSeries(engine.store, { ...asked, stepMs: 60_000 })).series.length).toBe(300);
});
