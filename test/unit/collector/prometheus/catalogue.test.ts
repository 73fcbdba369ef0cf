import { expect, test } from 'vitest';
import { createCatalogue } from '../../../../collector/prometheus/read/catalogue.ts';
import type { Queries } from '../../../../collector/query/ask.ts';

test('a catalogue is read once for all panels, and anew when the clock was set back', async () => {
  let reads = 0;
  const query = async () => {
    reads++;
    return { rows: [] };
  };
  let nowMs = 10_000_000;
  const catalogue = createCatalogue({ query } as unknown as Queries, () => nowMs);
  const ask = () => catalogue({ fromMs: 0, toMs: 1000 }, new AbortController().signal);
  await ask();
  nowMs += 1000;
  await ask();
  expect(reads).toBe(1);
  nowMs -= 3_600_000;
  await ask();
  expect(reads).toBe(2);
});

/** A storage that answers when it is told to, and a catalogue over it. */
function slowStorage() {
  const asked: { signal: AbortSignal; answer: () => void }[] = [];
  const query = (_sql: string, { signal }: { signal: AbortSignal }) =>
    new Promise((resolve, reject) => {
      asked.push({ signal, answer: () => resolve({ rows: [] }) });
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  const catalogue = createCatalogue({ query } as unknown as Queries, () => 0);
  const ask = (hour: number, signal: AbortSignal) =>
    catalogue({ fromMs: hour * 3_600_000, toMs: hour * 3_600_000 }, signal);
  return { asked, ask };
}
const given = async (question: Promise<unknown>): Promise<string> =>
  question.then(
    () => 'answered',
    () => 'given up',
  );
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('readings that everybody gave up are ended, and none is queued', async () => {
  const { asked, ask } = slowStorage();
  const running = { most: 0 };
  const stops = Array.from({ length: 20 }, () => new AbortController());
  const questions = stops.map(({ signal }, hour) => given(ask(hour, signal)));
  for (const stop of stops) {
    await settled();
    running.most = Math.max(running.most, asked.filter(({ signal }) => !signal.aborted).length);
    stop.abort();
  }
  expect(new Set(await Promise.all(questions))).toEqual(new Set(['given up']));
  await settled();
  expect(asked.filter(({ signal }) => !signal.aborted)).toEqual([]);
  expect(running.most).toBe(2);
  const late = AbortSignal.abort();
  const before = asked.length;
  expect(await given(ask(30, late))).toBe('given up');
  expect(asked.length).toBe(before);
});

test('a reading goes on while one of its callers waits, and one that was ended serves nobody', async () => {
  const { asked, ask } = slowStorage();
  const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()];
  const questions = [given(ask(1, first.signal)), given(ask(1, second.signal))];
  await settled();
  first.abort();
  await settled();
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([false]);
  second.abort();
  questions.push(given(ask(1, third.signal)));
  await settled();
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  asked[1]?.answer();
  expect(await Promise.all(questions)).toEqual(['given up', 'given up', 'answered']);
  third.abort();
  expect(await given(ask(1, new AbortController().signal))).toBe('answered');
  expect(asked).toHaveLength(2);
});
