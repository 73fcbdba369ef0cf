import { expect, test } from 'vitest';
import { waitForData } from '../../../../cli/up/wait-for-data.ts';

const options = { pollEveryMs: 1, remindEveryMs: 1000 };

test('resolves as soon as there is data, whatever failed before', async () => {
  const answers = [() => Promise.reject(new Error('not yet')), async () => false, async () => true];
  let asked = 0;
  await waitForData(
    {
      hasData: () => answers[asked++]?.() ?? Promise.reject(new Error('asked too often')),
      say: () => {},
      nowMs: () => 0,
    },
    { ...options, signal: new AbortController().signal },
  );
  expect(asked).toBe(3);
});

test('says now and then that it still waits, and stops when told to', async () => {
  const said: string[] = [];
  const stop = new AbortController();
  let nowMs = 0;
  await waitForData(
    {
      hasData: async () => {
        nowMs += 600;
        if (nowMs > 3000) stop.abort();
        return false;
      },
      say: (text) => said.push(text),
      nowMs: () => nowMs,
    },
    { ...options, signal: stop.signal },
  );
  expect(said).toEqual([
    'Still waiting after 1 s; the log files of the data folder tell more',
    'Still waiting after 2 s; the log files of the data folder tell more',
    'Still waiting after 3 s; the log files of the data folder tell more',
  ]);
});
