import { expect, test } from 'vitest';
import { plainProgress } from '../../../cli/bundle-progress.ts';
import type { BundleJob } from '../../../collector/api/shapes/bundles.ts';

test('what a node calls its sources cannot drive the terminal', () => {
  let text = '';
  const progress = plainProgress((part) => {
    text += part;
  });
  const item = { node: 'n1', state: 'failed', bytes: 3, first: null, last: null };
  const items = [{ ...item, source: 'logs/\u001b[2Jx\r\n', reason: '\u009b31m' }];
  progress.update({ state: 'gathering', items } as unknown as BundleJob);
  expect(text).toBe('gathering\nfailed        n1  logs/\\x1b[2Jx\\r\\n  3 B  \\x9b31m\n');
});

const job = (items: Partial<BundleJob['items'][number]>[], progress: Partial<BundleJob['progress']> = {}): BundleJob =>
  ({
    state: 'gathering',
    progress: {
      ...{ bytes: 0, expectedBytes: null, unknownSources: 0, elapsedMs: 0, remainingMs: null },
      ...progress,
    },
    items: items.map((item) => ({ node: 'n1', reason: null, records: null, elapsedMs: null, expected: null, ...item })),
  }) as unknown as BundleJob;

test('a source that ended says what was counted and how long it took, in one line', () => {
  let text = '';
  const progress = plainProgress((part) => {
    text += part;
  });
  const running = { source: 'logs/app', state: 'running', bytes: 1024, elapsedMs: 1000 };
  progress.update(job([running]));
  progress.update(job([{ ...running, elapsedMs: 2000 }]));
  const records = { count: 12, of: 'files' } as const;
  progress.update(job([{ ...running, state: 'ok', bytes: 3 * 2 ** 20, records, elapsedMs: 2500 }]));
  progress.update(job([{ source: 'logs/app', state: 'ok', bytes: 3 * 2 ** 20 }]));
  expect(text).toBe('gathering\nok            n1  logs/app  3 MiB, 12 files, 3 s\n');
});

test('how far all of it is stands in a line of its own, each ten seconds at most', () => {
  let text = '';
  const progress = plainProgress((part) => {
    text += part;
  });
  const known = { bytes: 18 * 2 ** 20, expectedBytes: 40 * 2 ** 20, remainingMs: 20_000 };
  for (const elapsedMs of [0, 9_999, 10_100, 10_400, 19_000]) progress.update(job([], { ...known, elapsedMs }));
  progress.update(job([], { bytes: 2 ** 20, unknownSources: 1, elapsedMs: 45_000 }));
  progress.update(job([], { ...known, unknownSources: 2, elapsedMs: 49_000 }));
  progress.update(job([], { ...known, unknownSources: 2, remainingMs: null, elapsedMs: 51_000 }));
  expect(text.split('\n')).toEqual([
    'gathering',
    'so far        18 MiB of about 40 MiB, 10 s, about 20 s to go',
    'so far        1 MiB and 1 source of unknown size, 45 s',
    'so far        18 MiB of about 40 MiB and 2 sources of unknown size, 51 s',
    '',
  ]);
});
