import { expect, test } from 'vitest';
import { createUnsent } from '../../../../collector/prometheus/unsent.ts';

const patient = new AbortController().signal;

test('answers wait for room until others have left, and one alone always has room', async () => {
  const hold = createUnsent(100);
  const first = await hold(500, patient);
  const entered: string[] = [];
  const enter = async (name: string, bytes: number) => {
    const release = await hold(bytes, patient);
    entered.push(name);
    return release;
  };
  const large = enter('large', 80);
  const larger = enter('larger', 90);
  const small = enter('small', 20);
  const impatient = new AbortController();
  const gone = hold(1, impatient.signal);
  impatient.abort();
  await expect(gone).rejects.toMatchObject({ kind: 'timeout' });
  await expect(hold(1, AbortSignal.abort())).rejects.toThrow('aborted');
  expect(entered).toEqual([]);

  first();
  first();
  const releases = [await large, await small];
  expect(entered).toEqual(['large', 'small']);
  for (const release of releases) release();
  (await larger)();
  expect(entered).toEqual(['large', 'small', 'larger']);
});
