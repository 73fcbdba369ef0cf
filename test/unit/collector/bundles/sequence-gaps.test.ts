import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { CoverageSource } from '../../../../bundle/coverage.ts';
import { createRedactor } from '../../../../bundle/redaction/redactor.ts';
import { createVolumeWriter } from '../../../../bundle/volume-writer.ts';
import { metricSequenceGaps } from '../../../../collector/bundles/metric-sequence-gaps.ts';
import { sequenceGaps } from '../../../../collector/bundles/sequence-gaps.ts';
import { writeMetrics } from '../../../../collector/bundles/telemetry-metrics.ts';
import { startEngine } from '../query/engine.ts';

const minute = 60_000;
const begin = Date.parse('2026-11-20T08:00:00Z');
const day = 24 * 60;
let engine: Awaited<ReturnType<typeof startEngine>>;

/** One record of a batch, of that minute of the window. */
const record = (stream: string, sequence: number, atMinute: number, emptyBefore = 0) => ({
  ...{
    Timestamp: new Date(begin + atMinute * minute).toISOString().slice(0, -1).replace('T', ' '),
    Node: 'n1',
    Stream: stream,
    Epoch: 'e1',
    Sequence: sequence,
    EmptyBefore: emptyBefore,
  },
  Body: `${stream} ${sequence}`,
});

beforeAll(async () => {
  engine = await startEngine();
  await engine.insert('otel_logs', [
    ...[1, 2, 3, 6, 7].map((sequence) => record('normal', sequence, sequence)),
    // The numbers between hold what is three days older: a file that was found late.
    ...[1, 4].map((sequence) => record('bulk', sequence, sequence)),
    ...[2, 3].map((sequence) => record('bulk', sequence, -3 * day)),
    // 2 and 3 carried no record, nor did 5; 7 did and is not there, and so is 10 in front of the empty 11.
    ...[record('critical', 1, 1), record('critical', 4, 4, 2), record('critical', 6, 5, 1)],
    ...[record('critical', 8, 8), record('critical', 9, -3 * day), record('critical', 12, 9, 1)],
    // Strangers number nothing.
    { ...record('', 0, 1), Epoch: '' },
    { ...record('', 9, 2), Epoch: '' },
  ]);
});
afterAll(() => engine.close());

/** A sample of a batch of metrics. */
const sample = (node: string, sequence: number, atMinute: number, emptyBefore = 0) => ({
  ...{
    TimeUnix: new Date(begin + atMinute * minute).toISOString().slice(0, -1).replace('T', ' '),
    Node: node,
    Stream: 'metrics',
    Epoch: 'e1',
    Sequence: sequence,
    EmptyBefore: emptyBefore,
  },
  MetricName: 'm',
});

const ask = (fromMinute: number, untilMinute: number) =>
  sequenceGaps('n1', {
    store: engine.store,
    fromUnixMs: begin + fromMinute * minute,
    untilUnixMs: begin + untilMinute * minute,
    signal: new AbortController().signal,
  });

test('says which numbered batches are not stored, and between which times; not those that lie elsewhere in time or carried no record', async () => {
  expect(await ask(0, 30)).toEqual([
    {
      kind: 'sequence',
      from: '2026-11-20T08:05:00.000Z',
      until: '2026-11-20T08:08:00.000Z',
      what: '1 numbered batch of the stream critical (after 6, before 8) is not stored',
    },
    {
      kind: 'sequence',
      from: '2026-11-20T08:08:00.000Z',
      until: '2026-11-20T08:09:00.000Z',
      what: '1 numbered batch of the stream critical (after 8, before 12) is not stored',
    },
    {
      kind: 'sequence',
      from: '2026-11-20T08:03:00.000Z',
      until: '2026-11-20T08:06:00.000Z',
      what: '2 numbered batches of the stream normal (after 3, before 6) are not stored',
    },
  ]);
});

test('a gap of another time is none of this window', async () => {
  expect(await ask(20, 30)).toEqual([]);
});

test('a batch of metrics that is not stored is told too, of each node, whichever tables its samples lie in', async () => {
  // 3 is told by a sum alone, 5 by a histogram alone; 6 and 7 are lost; 9 and 10 carried nothing; 12 lies elsewhere in time.
  await engine.insert('otel_metrics_gauge', [
    ...[1, 2, 4, 8].map((sequence) => sample('n1', sequence, sequence)),
    ...[sample('n1', 11, 11, 2), sample('n1', 12, -3 * day), sample('n1', 13, 13)],
    // Another node, and a stranger.
    ...[sample('n2', 1, 1), sample('n2', 3, 3)],
    ...[sample('n3', 0, 1), sample('n3', 9, 2)].map((row) => ({ ...row, Epoch: '' })),
  ]);
  await engine.insert('otel_metrics_sum', [sample('n1', 3, 3), sample('n1', 4, 4)]);
  await engine.insert('otel_metrics_histogram', [sample('n1', 5, 5)]);
  const request = {
    store: engine.store,
    fromUnixMs: begin,
    untilUnixMs: begin + 30 * minute,
    signal: new AbortController().signal,
  };
  const gaps = await metricSequenceGaps(['n1', 'n2', 'n3'], request);
  expect(Object.fromEntries(gaps)).toEqual({
    n1: [
      {
        kind: 'sequence',
        from: '2026-11-20T08:05:00.000Z',
        until: '2026-11-20T08:08:00.000Z',
        what: '2 numbered batches of the stream metrics (after 5, before 8) are not stored',
      },
    ],
    n2: [
      {
        kind: 'sequence',
        from: '2026-11-20T08:01:00.000Z',
        until: '2026-11-20T08:03:00.000Z',
        what: '1 numbered batch of the stream metrics (after 1, before 3) is not stored',
      },
    ],
  });
  expect(await metricSequenceGaps(['n1', 'n2'], { ...request, fromUnixMs: begin + 20 * minute })).toEqual(new Map());
});

test('a bundle’s metrics of a node are partial when a batch of them is not stored, and coverage says which', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sextant-metric-gaps-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const writer = createVolumeWriter({ folder, base: 'telemetry' });
  const told: CoverageSource[] = [];
  const [source] = await writeMetrics({
    ...{ store: engine.store, writer, nodes: ['n2'], limits: {}, enrolledMs: () => undefined },
    redactor: createRedactor({ key: Buffer.alloc(32), profile: 'none', names: [] }),
    fromUnixMs: begin,
    untilUnixMs: begin + 4 * minute,
    signal: new AbortController().signal,
    onProgress: (progress) => told.push(progress),
  });
  await writer.close();
  const what = '1 numbered batch of the stream metrics (after 1, before 3) is not stored';
  expect(source).toMatchObject({ node: 'n2', state: 'partial', reason: what, gaps: [{ kind: 'sequence', what }] });
  expect(told.at(-1)).toEqual(source);
});
