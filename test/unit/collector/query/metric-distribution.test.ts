import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Aggregation } from '../../../../collector/api/shapes/metrics.ts';
import { readMetricNames } from '../../../../collector/query/metric-names.ts';
import { readMetricPoints, streamMetricPoints } from '../../../../collector/query/metric-points.ts';
import { readMetricSeries } from '../../../../collector/query/metric-series.ts';
import { parseRange } from '../../../../collector/query/time-value.ts';
import { startEngine } from './engine.ts';

let engine: Awaited<ReturnType<typeof startEngine>>;
const range = parseRange('2026-11-20T11:00:00Z', '2026-11-20T11:02:00Z', 0);

const at = (seconds: number) =>
  new Date(Date.parse('2026-11-20T11:00:00Z') + seconds * 1000).toISOString().replace('T', ' ').replace('Z', '');
const common = (MetricName: string, seconds: number, over: object) => ({
  MetricName,
  MetricUnit: 's',
  ServiceName: 'web',
  Node: 'n1',
  Epoch: 'e1',
  TimeUnix: at(seconds),
  StartTimeUnix: at(-1000),
  AggregationTemporality: 2,
  ...over,
});
const histogram = (seconds: number, Sum: number, BucketCounts: number[], over = {}) =>
  common('latency', seconds, {
    Sum,
    BucketCounts,
    ExplicitBounds: [1, 2, 4],
    Count: BucketCounts.reduce((a, b) => a + b, 0),
    ...over,
  });

beforeAll(async () => {
  engine = await startEngine();
  const other = { Attributes: { 'http.route': '/b' } };
  await engine.insert('otel_metrics_histogram', [
    histogram(-10, 0, [100, 0, 0, 0]),
    histogram(0, 30, [100, 10, 0, 0]),
    histogram(10, 60, [100, 10, 10, 0]),
    // Reset: what it has is all new.
    histogram(40, 5, [10, 0, 0, 0]),
    histogram(10, 100, [0, 0, 0, 100], other),
    histogram(20, 108, [0, 0, 0, 104], other),
    common('delta', 30, {
      AggregationTemporality: 1,
      StartTimeUnix: at(20),
      Count: 4,
      Sum: 6,
      BucketCounts: [2, 2],
      ExplicitBounds: [2],
    }),
    common('begun', 40, { StartTimeUnix: at(30), Count: 5, Sum: 5, BucketCounts: [5, 0], ExplicitBounds: [2] }),
    // New bounds: how many there were is known, how they lie is not.
    common('changed', 0, { Count: 10, Sum: 10, BucketCounts: [10, 0], ExplicitBounds: [1] }),
    common('changed', 10, { Count: 20, Sum: 30, BucketCounts: [0, 20], ExplicitBounds: [5] }),
  ]);
  await engine.insert('otel_metrics_exponential_histogram', [
    common('size', 0, { Count: 0, Scale: 0 }),
    // Scale 0: buckets (1, 2], (2, 4], (4, 8]; and one value in [-2, -1), two zeros.
    common('size', 10, {
      Count: 9,
      Sum: 20,
      Scale: 0,
      ZeroCount: 2,
      PositiveOffset: 0,
      PositiveBucketCounts: [2, 2, 2],
      NegativeOffset: 0,
      NegativeBucketCounts: [1],
    }),
  ]);
  const summary = (seconds: number, Count: number, Sum: number, p50: number, over = {}) =>
    common('pause', seconds, {
      Count,
      Sum,
      'ValueAtQuantiles.Quantile': [0.5, 0.99],
      'ValueAtQuantiles.Value': [p50, p50 * 10],
      ...over,
    });
  await engine.insert('otel_metrics_summary', [
    summary(0, 10, 100, 1),
    summary(10, 20, 300, 2),
    summary(10, 20, 300, 3, { Attributes: { gc: 'major' } }),
  ]);
  // 25 samples share each time: 5 nodes with 5 series each.
  await engine.run(`
    INSERT INTO otel_metrics_gauge (TimeUnix, MetricName, Node, Value, Attributes)
    SELECT toDateTime64('2026-11-20 11:00:00', 9, 'UTC') + INTERVAL intDiv(number, 25) MILLISECOND, 'many',
      concat('n', toString(number % 5)), number, map('cpu', toString(intDiv(number, 5) % 5))
    FROM numbers(25000)`);
});
afterAll(() => engine.close());

async function series(name: string, aggregation: Aggregation, by: string[] = []) {
  const request = { name, range, stepMs: 30_000, aggregation, by, where: [] };
  const result = await readMetricSeries(engine.store, request);
  return result.series.map((one) => [
    Object.values(one.labels).join(),
    one.values.map((value) => (value === null ? null : Math.round(value * 1000) / 1000)),
  ]);
}

test('a histogram gives count, sum, average and rate of what it observed in each step', async () => {
  const all = ['http.route'];
  // Without a route: 20 values, 60 s in all, in 20 s; then 10 after a reset, over 30 s.
  expect(await series('latency', 'count', all)).toEqual([
    ['', [20, 10, null, null]],
    ['/b', [4, null, null, null]],
  ]);
  expect(await series('latency', 'sum', all)).toMatchObject([
    ['', [60, 5, null, null]],
    ['/b', [8, null, null, null]],
  ]);
  expect(await series('latency', 'avg', all)).toMatchObject([
    ['', [3, 0.5, null, null]],
    ['/b', [2, null, null, null]],
  ]);
  expect(await series('latency', 'rate', all)).toMatchObject([
    ['', [1, 0.333, null, null]],
    ['/b', [0.4, null, null, null]],
  ]);
  expect(await series('latency', 'count')).toEqual([['', [24, 10, null, null]]]);
});

test('its quantiles come from the buckets of all series of a group', async () => {
  // 10 values in (1, 2], 10 in (2, 4], 4 above 4.
  expect(await series('latency', 'p50')).toEqual([['', [2.4, 0.5, null, null]]]);
  expect(await series('latency', 'p95')).toEqual([['', [4, 0.95, null, null]]]);
  expect(await series('latency', 'p50', ['http.route'])).toEqual([
    ['', [2, 0.5, null, null]],
    ['/b', [4, null, null, null]],
  ]);
  expect(await series('delta', 'p50')).toEqual([['', [null, 2, null, null]]]);
  expect(await series('latency', 'max')).toEqual([]);
});

test('a series that begins counts from its beginning', async () => {
  expect(await series('begun', 'count')).toEqual([['', [null, 5, null, null]]]);
  expect(await series('begun', 'rate')).toEqual([['', [null, 0.5, null, null]]]);
  expect(await series('begun', 'p50')).toEqual([['', [null, 1, null, null]]]);
});

test('buckets that changed their bounds tell no quantile, but a count', async () => {
  expect(await series('changed', 'count')).toEqual([['', [10, null, null, null]]]);
  expect(await series('changed', 'p50')).toEqual([]);
});

test('an exponential histogram tells the same, with buckets below, at and above 0', async () => {
  expect(await series('size', 'count')).toEqual([['', [9, null, null, null]]]);
  expect(await series('size', 'p50')).toEqual([['', [1.75, null, null, null]]]);
  expect(await series('size', 'p99')).toEqual([['', [7.82, null, null, null]]]);
  const { points } = await readMetricPoints(engine.store, { name: 'size', range, limit: 1 });
  expect(points[0]?.distribution).toEqual({
    count: 9,
    sum: 20,
    buckets: [
      { upperBound: -2, count: 0 },
      { upperBound: -1, count: 1 },
      { upperBound: 0, count: 2 },
      { upperBound: 1, count: 0 },
      { upperBound: 2, count: 2 },
      { upperBound: 4, count: 2 },
      { upperBound: 8, count: 2 },
    ],
  });
});

test('a summary gives the quantiles that it tells, the highest of a group', async () => {
  expect(await series('pause', 'p50', ['gc'])).toEqual([
    ['', [2, null, null, null]],
    ['major', [3, null, null, null]],
  ]);
  expect(await series('pause', 'p99')).toEqual([['', [30, null, null, null]]]);
  expect(await series('pause', 'p95')).toEqual([]);
  expect(await series('pause', 'count')).toEqual([['', [10, null, null, null]]]);
  expect(await series('pause', 'avg')).toEqual([['', [20, null, null, null]]]);
});

test('points tell what was observed; names tell the kind', async () => {
  const { points } = await readMetricPoints(engine.store, { name: 'latency', range, limit: 1 });
  expect(points).toEqual([
    {
      timestamp: '2026-11-20T11:00:40.000000000Z',
      node: 'n1',
      value: 0.5,
      unit: 's',
      attributes: {},
      distribution: {
        count: 10,
        sum: 5,
        buckets: [
          { upperBound: 1, count: 10 },
          { upperBound: 2, count: 0 },
          { upperBound: 4, count: 0 },
          { upperBound: null, count: 0 },
        ],
      },
    },
  ]);
  const pause = await readMetricPoints(engine.store, { name: 'pause', range, limit: 3 });
  expect(pause.points[0]?.distribution).toEqual({
    count: 10,
    sum: 100,
    quantiles: [
      { quantile: 0.5, value: 1 },
      { quantile: 0.99, value: 10 },
    ],
  });
  const names = await readMetricNames(engine.store, { range });
  expect(names.map((metric) => `${metric.name} ${metric.kind}`)).toEqual([
    'begun histogram',
    'changed histogram',
    'delta histogram',
    'latency histogram',
    'many gauge',
    'pause summary',
    'size exponential-histogram',
  ]);
});

test('pages of samples go back in time and give every one once, also of series that share a time', async () => {
  const values: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await readMetricPoints(engine.store, { name: 'many', range, limit: 3333, cursor });
    values.unshift(...page.points.map((point) => point.value));
    cursor = page.next ?? undefined;
  } while (cursor);
  expect(values.sort((a, b) => a - b)).toEqual(Array.from({ length: 25_000 }, (_, index) => index));
  await expect(
    readMetricPoints(engine.store, { name: 'many', range, limit: 1, cursor: 'nonsense' }),
  ).rejects.toMatchObject({ code: 'SX_BAD_REQUEST' });
});

test.each([[24_000], [25_000], [1_000_000], [50]])(
  'a stream gives the newest %i, oldest of them first',
  async (limit) => {
    const values: number[] = [];
    const times: string[] = [];
    for await (const point of streamMetricPoints(engine.store, { name: 'many', range, limit })) {
      values.push(point.value);
      times.push(point.timestamp);
    }
    const first = Math.max(0, 25_000 - limit);
    expect(times).toEqual([...times].sort());
    expect(values.sort((a, b) => a - b)).toEqual(Array.from({ length: 25_000 - first }, (_, index) => first + index));
  },
);
