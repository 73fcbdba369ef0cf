import { expect, test } from 'vitest';
import { type ReadJournal, sampleJournal } from '../../../../agent/jobs/journal-sample.ts';

const hour = 3_600_000;
const window = { fromUnixMs: 1_800_000_000_000, untilUnixMs: 1_800_000_000_000 + 4 * hour };

/** A journal whose entries of 500 bytes come at a rate (entries a second) that depends on the time. */
function journal(rate: (atMs: number) => number): { read: ReadJournal; bytes: number; readBytes: () => number } {
  const times: number[] = [];
  for (let at = window.fromUnixMs; at < window.untilUnixMs; at += 1000) {
    for (let n = 0; n < rate(at); n += 1) times.push(at + (n * 1000) / rate(at));
  }
  let readBytes = 0;
  const entry = Buffer.alloc(500, 'x');
  const read: ReadJournal = async (fromMs, untilMs, maxBytes) => {
    const own = times.filter((at) => at >= fromMs && at < untilMs);
    const taken = own.slice(0, Math.floor(maxBytes / entry.length));
    readBytes += taken.length * entry.length;
    const content = Buffer.concat(taken.map(() => entry));
    return { content, complete: taken.length === own.length, lastMs: taken.at(-1) };
  };
  return { read, bytes: times.length * entry.length, readBytes: () => readBytes };
}

test('a small journal is read whole and told exactly', async () => {
  const small = journal((at) => (at % 60_000 === 0 ? 2 : 0));
  const sample = await sampleJournal(small.read, window);
  expect(sample).toMatchObject({ exact: true, bytes: small.bytes });
});

test.each([
  ['steady', () => 20],
  ['ever busier', (at: number) => Math.ceil(((at - window.fromUnixMs) / hour) * 20)],
  ['busy in the middle', (at: number) => (Math.abs(at - window.fromUnixMs - 2 * hour) < hour / 2 ? 60 : 2)],
])('a large journal that is %s is told within a factor of two by reading a little of it', async (_, rate) => {
  const large = journal(rate);
  const sample = await sampleJournal(large.read, window);
  expect(sample.exact).toBe(false);
  expect(sample.bytes / large.bytes).toBeGreaterThan(0.5);
  expect(sample.bytes / large.bytes).toBeLessThan(2);
  expect(large.readBytes()).toBeLessThan(2.5 * 2 ** 20);
});

test('a journal that cannot be read says so', async () => {
  await expect(sampleJournal(() => Promise.reject(new Error('no permission')), window)).rejects.toThrow(
    'no permission',
  );
});
