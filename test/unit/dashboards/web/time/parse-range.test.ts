import { expect, test } from 'vitest';
import { parseRange } from '../../../../../dashboards/web/src/time/parse-range.ts';

const nowMs = Date.parse('2026-11-20T15:30:00Z');
const parse = (text: string) => parseRange(text, nowMs, 'utc');
const between = (since: string, until: string) => ({ since: `${since}.000Z`, until: `${until}.000Z` });

test.each([
  ['15m', '15m'],
  ['last 3 h', '3h'],
  ['Last 3 hours', '3h'],
  ['past 2 days', '2d'],
  ['1h30m', '90m'],
  ['the last 90 s', '90s'],
])('reads “%s” as a range that ends now', (text, since) => {
  expect(parse(text)).toEqual({ since, until: null });
});

test.each([
  ['yesterday 14:00–15:00', '2026-11-19T14:00:00', '2026-11-19T15:00:00'],
  ['yesterday 14:00 - 15:00', '2026-11-19T14:00:00', '2026-11-19T15:00:00'],
  ['14:00-15:00', '2026-11-20T14:00:00', '2026-11-20T15:00:00'],
  ['2026-11-18 22:00-02:00', '2026-11-18T22:00:00', '2026-11-19T02:00:00'],
  ['2026-11-18 22:00 to 2026-11-19 02:00', '2026-11-18T22:00:00', '2026-11-19T02:00:00'],
  ['2026-11-18 22:00:05 to 22:00:09', '2026-11-18T22:00:05', '2026-11-18T22:00:09'],
  ['2026-11-18T22:00:00Z/2026-11-18T23:00:00+00:00', '2026-11-18T22:00:00', '2026-11-18T23:00:00'],
  ['yesterday', '2026-11-19T00:00:00', '2026-11-20T00:00:00'],
  ['today', '2026-11-20T00:00:00', '2026-11-20T15:30:00'],
  ['2026-11-01', '2026-11-01T00:00:00', '2026-11-02T00:00:00'],
  ['since 14:00', '2026-11-20T14:00:00', '2026-11-20T15:30:00'],
  ['yesterday 14:00 to now', '2026-11-19T14:00:00', '2026-11-20T15:30:00'],
])('reads “%s” as a fixed range', (text, since, until) => {
  expect(parse(text)).toEqual(between(since, until));
});

test.each([
  '',
  'soon',
  '15',
  '25:00-26:00',
  'last',
  '14:00-15:00-16:00',
  '2026-11-18 23:00 to 2026-11-18 22:00 to',
  '3 parsecs',
])('does not guess at “%s”', (text) => {
  expect(parse(text)).toBeUndefined();
});
