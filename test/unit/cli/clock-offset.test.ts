import { expect, test } from 'vitest';
import { formatClockOffset } from '../../../cli/clock-offset.ts';

test.each([
  [0, 1, '0.0 ms ahead of the collector, ± 1.0 ms'],
  [-1.54, 0.5, '1.5 ms behind the collector, ± 0.5 ms'],
  [-4200, 1500, '4.2 s behind the collector, ± 1.5 s'],
  [3_600_004.5, 4.5, '60 min ahead of the collector, ± 4.5 ms'],
  [-86_400_000 * 3, null, '3 d behind the collector'],
])('tells an offset of %s ms, known to %s ms, as a person says it', (offsetMs, boundMs, text) => {
  expect(formatClockOffset(offsetMs, boundMs)).toBe(text);
});
