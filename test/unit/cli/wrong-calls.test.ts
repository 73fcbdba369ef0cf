import { expect, test } from 'vitest';
import { sextant } from './run-sextant.ts';

test.each([
  ['redaction', 'test', 'app.log', '--lines'],
  ['bundle', 'compare', 'a', 'b', '--limit'],
])('%s %s takes no number that is none', async (...call) => {
  for (const text of ['x', '-3', '', '1.5', '1e3']) {
    const { code, err } = await sextant([...call.slice(0, -1), `${call.at(-1)}=${text}`]);
    expect([code, err]).toEqual([2, expect.stringContaining('It is a number from 0 to 1000000.')]);
  }
});
