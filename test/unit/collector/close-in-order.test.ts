import { expect, test } from 'vitest';
import { createClosers } from '../../../collector/close-in-order.ts';
import { silentLog } from './api/site.ts';

test('closes the last that was added first, one after the other, and once', async () => {
  const closed: string[] = [];
  const closers = createClosers(silentLog);
  closers.add('first', () => void closed.push('first'));
  closers.add('second', async () => {
    await Promise.resolve();
    closed.push('second');
  });
  await closers.closeAll();
  await closers.closeAll();
  expect(closed).toEqual(['second', 'first']);
});

test('a part that fails or hangs keeps the others from nothing', async () => {
  const closed: string[] = [];
  const closers = createClosers(silentLog);
  closers.add('first', () => void closed.push('first'));
  closers.add('hangs', () => new Promise(() => {}), { withinMs: 20 });
  closers.add('fails', () => {
    throw new Error('no');
  });
  await closers.closeAll();
  expect(closed).toEqual(['first']);
});
