import { expect, test } from 'vitest';
import { checkWindow } from '../../../bundle/check-window.ts';
import { parseWindow } from '../../../cli/bundle-window.ts';

const nowMs = Date.parse('2026-11-20T10:00:00Z');
const at = (text: string): number => Date.parse(text);

test('a window that begins after it ends, or in the future, is refused with what to do', () => {
  const check = (from: string, until: string) => () =>
    checkWindow({ fromUnixMs: at(from), untilUnixMs: at(until) }, nowMs);
  expect(check('2026-11-20T09:00:00Z', '2026-11-20T12:00:00Z')).not.toThrow();
  expect(check('2026-11-20T09:00:00Z', '2026-11-20T09:00:00Z')).toThrow(/has no length: it would begin at .*09:00/);
  // Without an end: now is before its beginning.
  expect(check('2026-11-20T10:00:01Z', '2026-11-20T10:00:00Z')).toThrow(/lies in the future/);
  expect(check('2026-11-20T10:00:01Z', '2026-11-20T12:00:00Z')).toThrow(/lies in the future: .* it is .*10:00:00/);
});

test('the command line reads windows as the collector does: what lies ahead is cut off, and nothing is left of some', () => {
  const hour = 3_600_000;
  const read = (options: Parameters<typeof parseWindow>[0]) => parseWindow(options, nowMs);
  expect(read({ since: '1h', until: '2030-01-01' })).toEqual({ fromUnixMs: nowMs - hour, untilUnixMs: nowMs });
  expect(read({ preset: 'quick', until: '2030-01-01' })).toEqual({ fromUnixMs: nowMs - hour / 4, untilUnixMs: nowMs });
  expect(() => read({ since: '2027-01-01', until: '2027-02-01' })).toThrow(/lies in the future/);
  expect(() => read({ since: '1h', until: '2h' })).toThrow(/has no length/);
});
