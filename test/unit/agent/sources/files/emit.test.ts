import { expect, test } from 'vitest';
import { createChunkEmitter } from '../../../../../agent/sources/files/emit.ts';
import type { Line } from '../../../../../agent/sources/line-sink.ts';

const millisecond = 1_000_000;

/** What lines of chunks are given as their times, each chunk read at a time of its own. */
function timesOf(chunks: { readMs: number; text: string }[]): { seconds: number; nanos: number }[] {
  const times: { seconds: number; nanos: number }[] = [];
  let now = 0;
  const emit = createChunkEmitter({
    sink: { write: ({ seconds, nanos }: Line) => times.push({ seconds, nanos }) },
    formatOf: () => ({ encoding: undefined, multiLine: undefined, isCri: false, maxLineBytes: 1000 }),
    chunkBytes: 64 * 1024,
    nowMs: () => now,
  });
  const file = { position: { path: '/var/log/app.log', id: 'a', offset: 0 }, head: Buffer.alloc(0) };
  for (const { readMs, text } of chunks) {
    now = readMs;
    emit(file as never, Buffer.from(text), 'more');
  }
  return times;
}

test('lines without a time are in the order of the file by their times, also those of one millisecond', () => {
  const times = timesOf([
    { readMs: 1_700_000_000_005, text: 'one\ntwo\n' },
    { readMs: 1_700_000_000_005, text: 'three\n' },
    { readMs: 1_700_000_000_006, text: 'four\n' },
  ]);
  expect(times).toEqual([
    { seconds: 1_700_000_000, nanos: 5 * millisecond },
    { seconds: 1_700_000_000, nanos: 5 * millisecond + 1 },
    { seconds: 1_700_000_000, nanos: 5 * millisecond + 2 },
    { seconds: 1_700_000_000, nanos: 6 * millisecond },
  ]);
});

test('a line’s own time is left as it is', () => {
  const [first, second] = timesOf([
    { readMs: 1_700_000_000_005, text: '2023-11-14T22:13:20.5Z one\n2023-11-14T22:13:20.5Z two\n' },
  ]);
  expect(first).toEqual({ seconds: 1_700_000_000, nanos: 500 * millisecond });
  expect(second).toEqual(first);
});

test('no line is later than the millisecond in which it was read, and a clock that goes back is followed', () => {
  const many = timesOf([
    { readMs: 999, text: 'x\n'.repeat(1_000_002) },
    { readMs: 998, text: 'y\n' },
  ]);
  expect(many[999_999]).toEqual({ seconds: 0, nanos: 999 * millisecond + 999_999 });
  expect(many[1_000_001]).toEqual(many[999_999]);
  expect(many[1_000_002]).toEqual({ seconds: 0, nanos: 998 * millisecond });
});
