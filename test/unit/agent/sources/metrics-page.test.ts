import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { metricsPage } from '../../../../agent/sources/metrics-page.ts';

test('docs/metrics.md is what the sources name (npm run docs writes it)', () => {
  expect(readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8')).toBe(metricsPage());
});
