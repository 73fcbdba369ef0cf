import { expect, test } from 'vitest';
import { evaluateAt, evaluateOver, type Result } from '../../../../collector/prometheus/evaluate/evaluate.ts';
import { gridOf } from '../../../../collector/prometheus/evaluate/grid.ts';
import { createWork } from '../../../../collector/prometheus/evaluate/work.ts';
import { parseQuery } from '../../../../collector/prometheus/parse/parse.ts';
import { expressions } from './expressions.ts';
import { memorySource, originMs } from './memory-source.ts';
import { siteSeries } from './site-series.ts';

const everyMinute = (values: (number | undefined)[]): [number, number][] =>
  values.flatMap((value, index) => (value === undefined ? [] : [[index * 60, value] as [number, number]]));

const source = memorySource([
  // A counter from 0 by 60 a minute, which begins again after the fifth sample.
  { name: 'ups', labels: { node: 'a' }, samples: everyMinute([0, 60, 120, 180, 240, 30, 90, 150]) },
  { name: 'ups', labels: { node: 'b' }, samples: everyMinute([100, 100, 100, 100, 100, 100, 100, 100]) },
  { name: 'level', labels: { node: 'a' }, samples: everyMinute([1, 2, 3, 4, 5, 6, 7, 8]) },
  { name: 'level', labels: { node: 'b' }, samples: everyMinute([8, Number.NaN, 4, -2]) },
  ...['1', '2', '4', '+Inf'].map((le, index) => ({
    name: 'wait_bucket',
    labels: { le },
    samples: [[0, [2, 6, 8, 10][index] ?? 0]] as [number, number][],
  })),
]);

const evaluation = () => ({ source, work: createWork({ timeoutMs: 20_000 }), lookbackMs: 300_000 });
const at = (query: string, seconds: number) => evaluateAt(parseQuery(query), originMs + seconds * 1000, evaluation());

function valuesOf(result: Result): unknown {
  if (result.type === 'scalar') return result.point[1];
  if (result.type !== 'vector') throw new Error(`a ${result.type}`);
  return Object.fromEntries(result.series.map(({ labels, point }) => [new Map(labels).get('node') ?? '', point[1]]));
}

test.each([
  // What begins a window is not part of it, what ends it is: three samples here, which reach from edge to edge but 60 s.
  ['count_over_time(ups{node="a"}[3m])', 240, { a: 3 }],
  ['increase(ups{node="a"}[3m])', 240, { a: 180 }],
  ['rate(ups{node="a"}[3m])', 240, { a: 1 }],
  // 180, 240, 30: 60 and, after the fall, 30; 90 in 120 s, and one interval more to the window's beginning.
  ['increase(ups{node="a"}[3m])', 300, { a: 135 }],
  // From 60 the line would have been at zero 60 s before; the window begins 90 s before, so it is taken to begin there.
  ['increase(ups{node="a"}[3m30s])', 180, { a: 180 }],
  ['irate(ups{node="a"}[3m])', 300, { a: 0.5 }],
  ['resets(ups[10m])', 420, { a: 1, b: 0 }],
  ['delta(ups{node="b"}[3m])', 240, { b: 0 }],
  ['deriv(level{node="a"}[5m]) * 60', 420, { a: 1 }],
  ['predict_linear(level{node="a"}[5m], 120)', 420, { a: 10 }],
  ['changes(level[10m])', 420, { a: 7, b: 3 }],
  ['avg_over_time(level{node="a"}[4m])', 420, { a: 6.5 }],
  ['max_over_time(level[10m])', 420, { a: 8, b: 8 }],
  ['quantile_over_time(0.5, level{node="a"}[4m])', 420, { a: 6.5 }],
  ['stddev_over_time(level{node="a"}[2m])', 420, { a: 0.5 }],
  // The newest sample of b is from 180 s: it counts until just before 480 s.
  ['level', 479, { a: 8, b: -2 }],
  ['level', 480, { a: 8 }],
  ['level offset 4m', 420, { a: 4, b: -2 }],
  ['level @ 1795132920', 420, { a: 3, b: 4 }],
  ['max_over_time(level{node="a"}[3m:1m])', 420, { a: 8 }],
  ['sum(level)', 120, { '': 7 }],
  ['sum without (node) (level)', 60, { '': Number.NaN }],
  ['max(level)', 60, { '': 2 }],
  ['topk(1, level)', 60, { a: 2 }],
  ['level / on(node) ups', 60, { a: 2 / 60, b: Number.NaN }],
  ['level > 3', 120, { b: 4 }],
  ['level > bool 3', 120, { a: 0, b: 1 }],
  ['level and ups > 90', 120, { a: 3, b: 4 }],
  ['level unless ups > 110', 120, { b: 4 }],
  ['absent(level{node="c"})', 60, { c: 1 }],
  ['scalar(level{node="a"}) * 2', 60, 4],
  // Of ten values five: two below 1, and 3 of the 4 between 1 and 2.
  ['histogram_quantile(0.5, wait_bucket)', 60, { '': 1.75 }],
  ['histogram_quantile(0.95, wait_bucket)', 60, { '': 4 }],
  ['-2 ^ 2', 0, -4],
  ['2 ^ 3 ^ 2', 0, 512],
  ['1 - 2 - 3', 0, -4],
  ['level{node="a"} - level{node="a"} offset 1m * 2', 240, { a: -3 }],
] as const)('%s at %d s', async (query, seconds, expected) => {
  expect(valuesOf(await at(query, seconds))).toEqual(expected);
});

test('a range has a value for each step that has one', async () => {
  const grid = gridOf(originMs + 420_000, originMs + 540_000, 60_000);
  const result = await evaluateOver(parseQuery('level'), grid, evaluation());
  expect(result.type === 'matrix' && result.series.map(({ values }) => [...values])).toEqual([[8, 8, 8], [-2]]);
});

test('each expression that Prometheus was asked is answered or refused, never an error of ours', async () => {
  const site = memorySource(siteSeries);
  for (const query of expressions) {
    const answered = await (async () =>
      evaluateAt(parseQuery(query), originMs + 1_501_000, { ...evaluation(), source: site }))().catch((error) => error);
    if (answered instanceof Error) expect(answered.name, query).toBe('PrometheusFailure');
  }
});

test('a query that would hold too much is refused before it holds it', async () => {
  await expect(at('count_over_time(vector(1)[100d:1s])', 0)).rejects.toThrow('too many samples');
  expect(() => gridOf(0, 11_001_000, 1000)).toThrow('exceeded maximum resolution of 11,000 points');
});

test.each([
  ['1', 1],
  ['time()', 1],
  ['pi()', 1],
  ['-time()', 2],
  ['1 + 2', 3],
  ['vector(1)', 2],
  ['scalar(vector(1))', 3],
  ['hour()', 3],
])('%s holds its scalars at each step, and others have their turn', async (query, lists) => {
  const steps = 100;
  let values = 0;
  let rests = 0;
  const own = createWork({ timeoutMs: 20_000 });
  const work = {
    ...own,
    hold: (count: number) => {
      values += count;
    },
    visit: () => true,
    rest: async () => {
      rests++;
    },
  };
  const grid = gridOf(originMs, originMs + (steps - 1) * 1000, 1000);
  await evaluateOver(parseQuery(query), grid, { source, work, lookbackMs: 300_000 });
  expect(values).toBe(lists * steps);
  expect(rests).toBeGreaterThanOrEqual(steps);
});

test.each(['vector(1)', 'count_over_time(vector(1)[100s:1s])'])(
  'others have their turn at each step of the points of %s',
  async (query) => {
    const steps = 100;
    let rests = 0;
    const rest = async () => {
      rests++;
    };
    const work = { ...createWork({ timeoutMs: 20_000 }), visit: () => true, rest };
    const isRange = !query.startsWith('count');
    const grid = gridOf(originMs, originMs + (isRange ? steps - 1 : 0) * 1000, 1000);
    await evaluateOver(parseQuery(query), grid, { source, work, lookbackMs: 300_000 });
    // The scalar is made, and its points are.
    expect(rests).toBeGreaterThanOrEqual(2 * steps);
  },
);

test('scalars count among the values of a query', async () => {
  const powers = Array(124).fill('1').join('^');
  await expect(at(`count_over_time(vector(${powers})[100s:1ms])`, 0)).rejects.toThrow('too many samples');
});

/** Minutes of work: a median of up to 57,600 samples at each of 10,001 steps. */
function longQuery(bounds: Parameters<typeof createWork>[0]) {
  const samples = Array.from({ length: 60_000 }, (_, index) => [index, index] as [number, number]);
  const grid = gridOf(originMs, originMs + 60_000_000, 6000);
  return evaluateOver(parseQuery('quantile_over_time(0.5, long[16h])'), grid, {
    source: memorySource([{ name: 'long', labels: {}, samples }]),
    work: createWork(bounds),
    lookbackMs: 300_000,
  });
}

test('a query that takes too long ends', async () => {
  await expect(longQuery({ timeoutMs: 100 })).rejects.toMatchObject({ kind: 'timeout' });
});

test('others have their turn beside a long query, which ends when nobody waits for it any more', async () => {
  const hangUp = new AbortController();
  let turns = 0;
  const others = setInterval(() => {
    if (++turns === 3) hangUp.abort();
  }, 1);
  await expect(longQuery({ timeoutMs: 600_000, hangUp: hangUp.signal })).rejects.toMatchObject({ kind: 'canceled' });
  clearInterval(others);
  expect(turns).toBeGreaterThanOrEqual(3);
});

test.each(['and', 'or', 'unless'])('others have their turn beside %s', async (operator) => {
  const steps = 2000;
  const times = Float64Array.from({ length: steps }, (_, step) => step * 1000);
  const many = Array.from({ length: 20 }, (_, node) => ({
    labels: [['node', String(node)]] as const,
    times,
    values: times,
  }));
  let visits = 0;
  const work = createWork({ timeoutMs: 20_000 });
  const counting = {
    ...work,
    visit(count: number) {
      visits += count;
      return work.visit(count);
    },
  };
  const source = { select: async () => many };
  const grid = gridOf(0, (steps - 1) * 1000, 1000);
  const evaluated = (query: string) =>
    evaluateOver(parseQuery(query), grid, { source, work: counting, lookbackMs: 300_000 });
  await evaluated('m');
  const ofReading = visits;
  visits = 0;
  await evaluated(`m ${operator} m`);
  // Both sides are read, and at the least one is looked at again.
  expect(visits - 2 * ofReading).toBeGreaterThanOrEqual(steps * many.length);
});
