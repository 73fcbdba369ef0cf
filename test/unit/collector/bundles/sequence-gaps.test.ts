import { afterAll, beforeAll, expect, test } from 'vitest';
import { sequenceGaps } from '../../../../collector/bundles/sequence-gaps.ts';
import { startEngine } from '../query/engine.ts';

const minute = 60_000;
const begin = Date.parse('2026-11-20T08:00:00Z');
const day = 24 * 60;
let engine: Awaited<ReturnType<typeof startEngine>>;

/** One record of a batch, of that minute of the window. */
const record = (stream: string, sequence: number, atMinute: number) => ({
  ...{
    Timestamp: new Date(begin + atMinute * minute).toISOString().slice(0, -1).replace('T', ' '),
    Node: 'n1',
    Stream: stream,
    Epoch: 'e1',
    Sequence: sequence,
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

test('says which numbered batches are not stored, and between which times; not those that lie elsewhere in time', async () => {
  expect(await ask(0, 30)).toEqual([
    {
      kind: 'sequence',
      from: '2026-11-20T08:03:00.000Z',
      until: '2026-11-20T08:06:00.000Z',
      what: '2 numbered batches of the stream normal (after 3, before 6) are not stored, or carried no record',
    },
  ]);
});

test('a gap of another time is none of this window', async () => {
  expect(await ask(20, 30)).toEqual([]);
});
