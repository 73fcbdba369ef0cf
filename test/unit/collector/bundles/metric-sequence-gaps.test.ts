import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { metricSequenceGaps } from '../../../../collector/bundles/metric-sequence-gaps.ts';
import { long } from '../../../long.ts';
import { startEngine } from '../query/engine.ts';

const minute = 60_000;
const begin = Date.parse('2026-11-20T08:00:00Z');
const windowMinutes = 30;
const marginMinutes = 60;
const tables = ['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary'] as const;
let engine: Awaited<ReturnType<typeof startEngine>>;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.close());

interface Batch {
  node: string;
  stream: string;
  epoch: string;
  sequence: number;
  empty: number;
  /** Minutes of the window; none when it is not stored. */
  samples: { table: (typeof tables)[number]; at: number }[];
}

/** Mostly within the window, at times in its margin, before it, or days ago. */
const minuteOf = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: windowMinutes }) },
  fc.integer({ min: -marginMinutes, max: windowMinutes + marginMinutes - 1 }),
  fc.integer({ min: -300, max: -marginMinutes - 1 }),
  fc.constant(-4320),
);
const samples = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(fc.record({ table: fc.constantFrom(...tables), at: minuteOf }), { minLength: 1, maxLength: 3 }),
  },
  fc.constant([] as { table: (typeof tables)[number]; at: number }[]),
);
const sequenceOf = (node: string, stream: string, epoch: string) =>
  fc
    .record({
      base: fc.constantFrom(0, 1, 1_000, 5_000_000_000),
      batches: fc.array(
        fc.record({ step: fc.integer({ min: 1, max: 3 }), empty: fc.integer({ min: 0, max: 2 }), samples }),
        {
          maxLength: 12,
        },
      ),
    })
    .map(({ base, batches }) => {
      let sequence = base;
      return batches.map(({ step, empty, samples }): Batch => {
        sequence += step;
        return { node, stream, epoch, sequence, empty, samples };
      });
    });
const site = fc
  .tuple(
    ...['a', 'b'].flatMap((node) =>
      ['metrics', 'metrics-2'].flatMap((stream) => ['e1', 'e2'].map((epoch) => sequenceOf(node, stream, epoch))),
    ),
  )
  .map((all) => all.flat());

/** What is asked for, said without a database. */
function expected(batches: readonly Batch[]): Record<string, string[]> {
  const told: Record<string, string[]> = {};
  const bySender = Map.groupBy(batches, ({ node, stream, epoch }) => JSON.stringify([node, stream, epoch]));
  for (const [, own] of [...bySender].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const stored = own.filter(({ samples }) => samples.length > 0);
    const seen = stored
      .map((batch) => ({
        ...batch,
        times: batch.samples
          .map(({ at }) => at)
          .filter((at) => at >= -marginMinutes && at < windowMinutes + marginMinutes),
      }))
      .filter(({ times }) => times.length > 0);
    for (const [index, behind] of seen.entries()) {
      const before = seen[index - 1];
      if (!before || behind.sequence <= before.sequence + 1 + behind.empty) continue;
      const ends = [Math.max(...before.times), Math.min(...behind.times)].sort((a, b) => a - b);
      const [from = 0, until = 0] = ends;
      if (until < 0 || from >= windowMinutes) continue;
      const between = stored.filter(({ sequence }) => sequence >= before.sequence && sequence <= behind.sequence);
      const missing = between
        .slice(1)
        .reduce((sum, one, at) => sum + Math.max(0, one.sequence - (between[at]?.sequence ?? 0) - 1 - one.empty), 0);
      if (missing === 0) continue;
      told[behind.node] ??= [];
      told[behind.node]?.push(
        `${missing} of ${behind.stream} ${before.sequence} to ${behind.sequence}, ${time(from)} to ${time(until)}`,
      );
    }
  }
  return told;
}
const time = (atMinute: number): string => new Date(begin + atMinute * minute).toISOString();

async function told(nodes: readonly string[], run: string): Promise<Record<string, string[]>> {
  const gaps = await metricSequenceGaps(nodes, {
    store: engine.store,
    fromUnixMs: begin,
    untilUnixMs: begin + windowMinutes * minute,
    signal: new AbortController().signal,
  });
  const short = (what: string): string =>
    what.replace(
      /^(\d+) numbered batch(?:es)? of the stream (\S+) \(after (\d+), before (\d+)\).*/,
      '$1 of $2 $3 to $4',
    );
  return Object.fromEntries(
    [...gaps].map(([node, own]) => [
      node.slice(run.length),
      own.map(({ from, until, what }) => `${short(what)}, ${from} to ${until}`),
    ]),
  );
}

test('whatever batches there are, what it tells is what is missing', { timeout: 300_000 }, async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(site, async (batches) => {
      // What other runs have put there is of other nodes.
      const run = `r${runs++}-`;
      for (const table of tables) {
        const rows = batches.flatMap(({ node, stream, epoch, sequence, empty, samples }) =>
          samples
            .filter((sample) => sample.table === table)
            .map(({ at }) => ({
              ...{ TimeUnix: time(at).slice(0, -1).replace('T', ' '), Node: `${run}${node}`, MetricName: 'm' },
              ...{ Stream: stream, Epoch: epoch, Sequence: sequence, EmptyBefore: empty },
            })),
        );
        if (rows.length > 0) await engine.insert(`otel_metrics_${table}`, rows);
      }
      expect(await told([`${run}a`, `${run}b`], run)).toEqual(expected(batches));
    }),
    { numRuns: long ? 300 : 25 },
  );
});

test('of each sender that lacks much the first places are told, and of the others all the same', async () => {
  const rows = (node: string, count: number) =>
    Array.from({ length: count }, (_, n) => ({
      ...{ TimeUnix: time(0).slice(0, -1).replace('T', ' '), Node: node, MetricName: 'm', Stream: 'metrics' },
      ...{ Epoch: 'e', Sequence: 1 + 2 * n, EmptyBefore: 0 },
    }));
  const lossy = Array.from({ length: 15 }, (_, n) => `lossy-${n}`);
  await engine.insert('otel_metrics_gauge', [...lossy.flatMap((node) => rows(node, 1100)), ...rows('z', 3)]);
  const gaps = await told([...lossy, 'z'], '');
  expect(lossy.map((node) => gaps[node]?.length)).toEqual(Array(15).fill(50));
  expect(gaps['lossy-0']?.[49]).toBe(`1 of metrics 99 to 101, ${time(0)} to ${time(0)}`);
  expect(gaps.z).toHaveLength(2);
});
