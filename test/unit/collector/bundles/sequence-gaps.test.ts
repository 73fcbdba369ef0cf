import { afterAll, beforeAll, expect, test } from 'vitest';
import { sequenceGaps } from '../../../../collector/bundles/sequence-gaps.ts';
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
