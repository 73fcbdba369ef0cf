import { expect, test } from 'vitest';
import { parseRange, parseTime } from '../../../../collector/query/time-value.ts';

const nowMs = Date.parse('2026-11-20T12:00:00Z');

test.each([
  ['15m', '2026-11-20T11:45:00Z', 0n],
  ['1.5h', '2026-11-20T10:30:00Z', 0n],
  ['3d', '2026-11-17T12:00:00Z', 0n],
  ['now', '2026-11-20T12:00:00Z', 0n],
  ['2026-11-20T10:00:00Z', '2026-11-20T10:00:00Z', 0n],
  ['2026-11-20t10:00:00.123456789z', '2026-11-20T10:00:00Z', 123_456_789n],
  ['2026-11-20 10:00:00.5+02:00', '2026-11-20T08:00:00Z', 500_000_000n],
  ['2026-11-20T10:00', '2026-11-20T10:00:00Z', 0n],
  ['2026-11-20', '2026-11-20T00:00:00Z', 0n],
  ['1795168800000', '2026-11-20T10:00:00Z', 0n],
])('reads %s', (text, time, nanos) => {
  expect(parseTime(text, nowMs)).toBe(BigInt(Date.parse(time)) * 1_000_000n + nanos);
});

test.each([
  '',
  '15',
  '15 m',
  '-15m',
  'yesterday',
  '2026-13-01',
  '2026-11-20T25:00:00Z',
  '9999999999999999',
  '3000-01-01',
])('refuses “%s” and names the field', (text) => {
  expect(() => parseTime(text, nowMs, 'since')).toThrow(/^since: cannot read/);
});

test('a range is an hour long unless told otherwise, and runs forward', () => {
  const { sinceUnixNano, untilUnixNano } = parseRange(undefined, undefined, nowMs);
  expect(untilUnixNano - sinceUnixNano).toBe(3_600_000_000_000n);
  expect(() => parseRange('1h', '2h', nowMs)).toThrow('since: lies at or after until');
});
