import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readLogFacets } from '../../../../collector/query/log-facets.ts';
import { logFilter } from '../../../../collector/query/log-filter.ts';
import { readLogHistogram } from '../../../../collector/query/log-histogram.ts';
import { readLogPage } from '../../../../collector/query/log-page.ts';
import { startEngine } from './engine.ts';

let engine: Awaited<ReturnType<typeof startEngine>>;
const dayMs = Date.parse('2026-11-20T00:00:00Z');
const spanMs = 9 * 3_600_000;
/** Times on both sides of five minutes' borders, and anywhere. */
const times = fc.sample(
  fc.oneof(
    fc.integer({ min: 0, max: spanMs - 1 }),
    fc.integer({ min: 0, max: 107 }).chain((unit) => fc.constantFrom(unit * 300_000, unit * 300_000 + 299_999)),
  ),
  // More than a page looks for in one go.
  { numRuns: 24_000, seed: 11 },
);
const rows = times.map((atMs, at) => ({ atMs: dayMs + atMs, Node: `n${at % 3}`, SeverityNumber: at % 2 ? 9 : 17 }));

beforeAll(async () => {
  engine = await startEngine();
  await engine.insert(
    'otel_logs',
    rows.map(({ atMs, ...row }, at) => ({
      ...row,
      Timestamp: new Date(atMs).toISOString().slice(0, -1).replace('T', ' '),
      Body: `line ${at}`,
      Epoch: 'e1',
      Sequence: 1,
    })),
  );
});
afterAll(() => engine.close());

test('histogram, facets and the newest page count the records of any range, whatever borders it has', async () => {
  const border = fc.oneof(
    fc.integer({ min: -1000, max: spanMs + 1000 }),
    fc.integer({ min: 0, max: 108 }).map((unit) => unit * 300_000),
  );
  await fc.assert(
    fc.asyncProperty(
      border,
      border,
      fc.constantFrom(1, 7, 40),
      fc.constantFrom({}, { q: 'line' }),
      async (a, b, buckets, q) => {
        if (a === b) return;
        const [since, until] = [dayMs + Math.min(a, b), dayMs + Math.max(a, b)];
        const range = { sinceUnixNano: BigInt(since) * 1_000_000n, untilUnixNano: BigInt(until) * 1_000_000n };
        const inside = rows.filter(({ atMs }) => atMs >= since && atMs < until);
        const request = { range, filter: logFilter(q) };

        const histogram = await readLogHistogram(engine.store, { ...request, buckets });
        const expected = new Map<number, number>();
        for (const { atMs } of inside) {
          const start = Math.floor(atMs / histogram.stepMs) * histogram.stepMs;
          expected.set(start, (expected.get(start) ?? 0) + 1);
        }
        for (const { timestamp, counts } of histogram.buckets) {
          const found = (counts.info ?? 0) + (counts.error ?? 0);
          expect(found, timestamp).toBe(expected.get(Date.parse(timestamp)) ?? 0);
        }
        const [facet] = await readLogFacets(engine.store, { ...request, fields: ['node'], limit: 5 });
        const perNode = Map.groupBy(inside, ({ Node }) => Node);
        expect(Object.fromEntries(facet?.values.map(({ value, count }) => [value, count]) ?? [])).toEqual(
          Object.fromEntries([...perNode].map(([node, some]) => [node, some.length])),
        );
        const page = await readLogPage(engine.store, { ...request, order: 'desc', limit: 50 });
        const newest = inside.map(({ atMs }) => atMs).sort((x, y) => y - x);
        expect(page.records.map(({ timestamp }) => Date.parse(timestamp))).toEqual(newest.slice(0, 50));
      },
    ),
    { numRuns: 25 },
  );
}, 120_000);

test('a range that ends behind what a time of 32 bits can say finds what there is', async () => {
  const newest = Math.max(...rows.map(({ atMs }) => atMs));
  for (const end of ['2106-02-07T06:28:16Z', '2107-01-01', '2150-01-01', '2262-01-01']) {
    const range = { sinceUnixNano: BigInt(dayMs) * 1_000_000n, untilUnixNano: BigInt(Date.parse(end)) * 1_000_000n };
    const page = await readLogPage(engine.store, { range, filter: logFilter({}), order: 'desc', limit: 1 });
    expect([end, page.records.map(({ timestamp }) => Date.parse(timestamp))]).toEqual([end, [newest]]);
  }
});

test('a range without records has an empty page, and its look reads nothing', async () => {
  const range = {
    sinceUnixNano: BigInt(dayMs - 86_400_000) * 1_000_000n,
    untilUnixNano: BigInt(dayMs - 1) * 1_000_000n,
  };
  const page = await readLogPage(engine.store, { range, filter: logFilter({}), order: 'desc', limit: 1 });
  expect(page).toEqual({ records: [], next: null, rowsRead: 0, bytesRead: 0 });
});
