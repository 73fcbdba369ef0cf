import { expect, test } from 'vitest';
import { openTimeZone } from '../../../../../collector/receive/syslog/time-zone.ts';
import { readBsdTime, readIsoTime } from '../../../../../collector/receive/syslog/timestamp.ts';

const iso = (told: { time: [number, number] } | undefined) =>
  told && new Date(told.time[0] * 1000).toISOString().replace('.000', told.time[1] ? `.${told.time[1]}` : '');
const at = (now: string, zone = 'UTC') => ({ zone: openTimeZone(zone), nowMs: Date.parse(now) });

test.each([
  ['2026-11-20T12:00:00Z', 'Dec 31 23:59:59', '2026-12-31T23:59:59Z'],
  ['2027-01-01T00:00:10Z', 'Dec 31 23:59:59', '2026-12-31T23:59:59Z'],
  ['2026-12-31T23:59:50Z', 'Jan  1 00:00:05', '2027-01-01T00:00:05Z'],
  ['2026-07-01T00:00:00Z', 'Jan  2 00:00:00', '2026-01-02T00:00:00Z'],
  ['2028-01-05T00:00:00Z', 'Feb 29 01:00:00', '2028-02-29T01:00:00Z'],
  ['2027-01-05T00:00:00Z', 'Feb 29 01:00:00', '2028-02-29T01:00:00Z'],
  ['2026-11-20T12:00:00Z', 'Nov 20 12:00:60', '2026-11-20T12:01:00Z'],
])('at %s the time %s is in the year that is nearest', (now, written, expected) => {
  expect(iso(readBsdTime(written, at(now)))).toBe(expected);
});

test('a time without a zone is in the one that is configured, summer and winter', () => {
  const berlin = at('2026-11-20T12:00:00Z', 'Europe/Berlin');
  expect(iso(readBsdTime('Nov 20 12:00:00', berlin))).toBe('2026-11-20T11:00:00Z');
  expect(iso(readBsdTime('Jul  1 12:00:00', berlin))).toBe('2026-07-01T10:00:00Z');
  expect(iso(readIsoTime('2026-07-01T12:00:00.5', berlin))).toBe('2026-07-01T10:00:00.500000000Z');
  // The last and the first second around the change of 25 October 2026.
  expect(iso(readBsdTime('Oct 25 01:59:59', berlin))).toBe('2026-10-24T23:59:59Z');
  expect(iso(readBsdTime('Oct 25 03:00:00', berlin))).toBe('2026-10-25T02:00:00Z');
  expect(iso(readBsdTime('Nov 20 12:00:00', at('2026-11-20T12:00:00Z', 'Asia/Kolkata')))).toBe('2026-11-20T06:30:00Z');
});

test('a time with a zone is in that one', () => {
  const berlin = at('2026-11-20T12:00:00Z', 'Europe/Berlin');
  expect(iso(readBsdTime('Nov 20 12:00:00 UTC: x', berlin))).toBe('2026-11-20T12:00:00Z');
  expect(iso(readIsoTime('2026-11-20T12:00:00-05:30', berlin))).toBe('2026-11-20T17:30:00Z');
  expect(iso(readIsoTime('2026-11-20T12:00:00+0100', berlin))).toBe('2026-11-20T11:00:00Z');
});

test.each([
  ...['2026-02-30T00:00:00Z', '2026-13-01T00:00:00Z', '2026-11-20T24:00:00Z', '2026-11-20T12:60:00Z'],
  ...['2026-11-20T12:00:61Z', '1969-01-01T00:00:00Z', '9999-01-01T00:00:00Z', '2026-11-20', '2026-11-20T12:00', ''],
  ...['Foo 20 12:00:00', 'Nov 32 12:00:00', 'Nov 20 12:00', 'nov 20 12:00:00', 'Nov 20 12:00:00x', 'Feb 30 00:00:00'],
])('%j is no time', (text) => {
  expect(readIsoTime(text, at('2026-11-20T12:00:00Z'))).toBeUndefined();
  expect(readBsdTime(text, at('2026-11-20T12:00:00Z'))).toBeUndefined();
});

test('a zone that there is not is a fault of the configuration', () => {
  expect(() => openTimeZone('Mars/Olympus')).toThrow(expect.objectContaining({ code: 'SX_CONFIG_INVALID' }));
});
