import { expect, test } from 'vitest';
import { createTurns } from '../../../../collector/prometheus/turns.ts';

test('who has given up before does not wait, and does not work', async () => {
  const inTurn = createTurns(1);
  let finish = () => {};
  const waiting = new AbortController();
  const first = inTurn(new AbortController().signal, () => new Promise<void>((resolve) => (finish = resolve)));
  const started: string[] = [];
  const work = (name: string) => async () => {
    started.push(name);
  };
  const gone = inTurn(AbortSignal.abort(), work('gone'));
  await expect(gone).rejects.toThrow('aborted');
  const impatient = inTurn(waiting.signal, work('impatient'));
  waiting.abort();
  await expect(impatient).rejects.toMatchObject({ kind: 'timeout' });
  const patient = inTurn(new AbortController().signal, work('patient'));
  finish();
  await Promise.all([first, patient]);
  await expect(inTurn(AbortSignal.abort(), work('late'))).rejects.toThrow('aborted');
  expect(started).toEqual(['patient']);
});
