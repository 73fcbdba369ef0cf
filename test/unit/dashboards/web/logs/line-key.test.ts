import { expect, test } from 'vitest';
import type { LogRow } from '../../../../../collector/api/shapes/logs.ts';
import { type Loaded, mergeNewest, nameLines } from '../../../../../dashboards/web/src/logs/line-key.ts';

const row = (second: number, body = `line ${second}`): LogRow => ({
  timestamp: `2026-11-20T10:00:${String(second).padStart(2, '0')}.000000000Z`,
  node: 'n',
  severity: 'info',
  body,
  attributes: {},
});
const rows = (newest: number, oldest: number) =>
  Array.from({ length: newest - oldest + 1 }, (_, index) => row(newest - index));
const loaded = (list: LogRow[], next: string | null): Loaded => ({ lines: nameLines(list), next });
const bodies = (result: Loaded) => result.lines.map((line) => line.body);

test('numbers rows that are alike in everything', () => {
  const keys = nameLines([row(1), row(1), row(2)]).map((line) => line.key);
  expect(new Set(keys).size).toBe(3);
  expect(keys[1]).toBe(`${keys[0]}~2`);
});

const start = '2026-11-20T10:00:00.000000000Z';
const at = (second: number) => row(second).timestamp;

test('puts new lines on top and keeps older ones with their cursor', () => {
  const merged = mergeNewest(loaded(rows(12, 8), 'a'), loaded(rows(10, 3), 'b'), start);
  expect(bodies(merged)).toEqual(rows(12, 3).map((one) => one.body));
  expect(merged.next).toBe('b');
});

test('puts a line that arrived late in its place', () => {
  const page = [row(12), row(11), row(10, 'late'), row(9)];
  const present = [row(11), row(9), row(8)];
  expect(bodies(mergeNewest(loaded(page, 'a'), loaded(present, 'b'), start))).toEqual([
    'line 12',
    'line 11',
    'late',
    'line 9',
    'line 8',
  ]);
});

test('lets go of what is there when the page does not reach it, so that there is no silent hole', () => {
  const merged = mergeNewest(loaded(rows(40, 30), 'a'), loaded(rows(10, 3), 'b'), start);
  expect(bodies(merged)).toEqual(rows(40, 30).map((one) => one.body));
  expect(merged.next).toBe('a');
});

test('believes a page that holds all of the time it was asked for, and keeps what is older', () => {
  const merged = mergeNewest(loaded(rows(7, 5), null), loaded([row(6), row(5, 'gone'), row(4), row(3)], 'b'), at(5));
  expect(bodies(merged)).toEqual(['line 7', 'line 6', 'line 5', 'line 4', 'line 3']);
  expect(merged.next).toBe('b');
});

test('keeps what is there when nothing new has come', () => {
  const present = loaded(rows(5, 1), 'b');
  expect(mergeNewest(loaded([], null), present, at(6))).toEqual(present);
  expect(mergeNewest(loaded([], null), loaded([], null), start).lines).toEqual([]);
});
