import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEngine } from '../query/engine.ts';

let engine: Awaited<ReturnType<typeof startEngine>>;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.close());

const slow =
  'SELECT sum(sipHash64(number)) FROM numbers(100000000000) SETTINGS max_threads = 1, max_execution_time = 2';

test('a quick query does not wait for a slow one, not even for one that was given up', async () => {
  const { store } = engine;
  const ends: string[] = [];
  const abort = new AbortController();
  const running = [
    store.query(slow, { signal: abort.signal }).catch(() => ends.push('given up')),
    store.query(slow).catch(() => ends.push('slow')),
  ];
  await store.query('SELECT 1').then(() => ends.push('quick'));
  abort.abort();
  await running[0];
  await store.query('SELECT 2').then(() => ends.push('quick'));
  await Promise.all(running);
  expect(ends).toEqual(['quick', 'given up', 'quick', 'slow']);
});

test('who waits for a connection can give up, and the others get theirs in turn', async () => {
  const { store } = engine;
  const busy = [1, 2, 3].map(() => store.query(slow).catch(() => {}));
  const abort = new AbortController();
  const impatient = store.query('SELECT 1', { signal: abort.signal });
  const patient = store.query<{ n: number }>('SELECT 2 AS n');
  abort.abort(new Error('no longer wanted'));
  await expect(impatient).rejects.toThrow('no longer wanted');
  expect((await patient).rows).toEqual([{ n: 2 }]);
  await Promise.all(busy);
});
