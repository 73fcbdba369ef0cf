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
