import { expect, test } from 'vitest';
import { LineTime } from '../../../../../agent/sources/files/line-time.ts';

const now = Date.UTC(2026, 0, 2, 3, 4, 5);
const lineTime = new LineTime(() => now);
/** Seconds and nanoseconds, the same when the line comes a second time. */
function time(line: string, reader = lineTime): [number, number] | undefined {
  const bytes = Buffer.from(`> ${line}`);
  const read = () =>
    reader.read(bytes, 2, bytes.length) ? ([reader.seconds, reader.nanos] as [number, number]) : undefined;
  const first = read();
  expect(read()).toEqual(first);
  return first;
}
const seconds = (iso: string) => Date.parse(iso) / 1000;

test('reads RFC 3339 with any zone and fraction', () => {
  expect(time('2026-01-02T03:04:05Z up')).toEqual([seconds('2026-01-02T03:04:05Z'), 0]);
  expect(time('2026-01-02 04:04:05.123456789+01:00 up')).toEqual([seconds('2026-01-02T03:04:05Z'), 123456789]);
  expect(time('2026-01-02T01:04:05,5-0200 up')).toEqual([seconds('2026-01-02T03:04:05Z'), 500000000]);
});

test('believes a time without a zone only where the machine runs on UTC', () => {
  const local = new Date('2026-01-02T03:04:05');
  const expected = local.getTimezoneOffset() === 0 ? [local.getTime() / 1000, 0] : undefined;
  expect(time('2026-01-02 03:04:05 status installed')).toEqual(expected);
});

test('reads a syslog time in the zone of the machine, with the year that fits', () => {
  // Now in that zone too: west of Greenwich a line of three o'clock would be yet to come.
  const reader = new LineTime(() => new Date(2026, 0, 2, 3, 4, 5).getTime());
  const january = new Date(2026, 0, 2, 3, 0, 0).getTime() / 1000;
  expect(time('Jan  2 03:00:00 host app: x', reader)).toEqual([january, 0]);
  const december = new Date(2025, 11, 31, 23, 59, 58).getTime() / 1000;
  expect(time('Dec 31 23:59:58 host app: x', reader)).toEqual([december, 0]);
});

test.each([
  'no time at all',
  '2026-13-45T99:99:99Z impossible',
  '2019-01-01T00:00:00Z long ago',
  '2027-01-01T00:00:00Z yet to come',
  'Foo 12 03:04:05 host',
  '12345 items',
  '',
])('does not believe %j', (line) => {
  expect(time(line)).toBeUndefined();
});

test('compares the whole time, not only its second', () => {
  const second = seconds('2026-01-02T03:04:05Z');
  expect(time('2026-01-02T03:04:05.5Z a')).toEqual([second, 500_000_000]);
  expect(time('2026-01-02T03:04:05.25Z a')).toEqual([second, 250_000_000]);
  expect(time('2026-01-02T03:04:05Z a')).toEqual([second, 0]);
  expect(time('2026-01-02T03:04:05+01:00 a')).toEqual([second - 3600, 0]);
  expect(time('2026-01-02T03:04:05Z a')).toEqual([second, 0]);
  expect(time('2026-01-02T03:04:05Z')).toEqual([second, 0]);
  expect(time('2026-01-02T03:04:05.')).toEqual(time('2026-01-02T03:04:05'));
});
