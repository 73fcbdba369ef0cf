import { expect, test } from 'vitest';
import type { LogRow } from '../../../../../collector/api/shapes.ts';
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

test('puts new lines on top and keeps older ones with their cursor', () => {
  const merged = mergeNewest(loaded(rows(12, 8), 'a'), loaded(rows(10, 3), 'b'));
  expect(bodies(merged)).toEqual(rows(12, 3).map((one) => one.body));
  expect(merged.next).toBe('b');
});

test('puts a line that arrived late in its place', () => {
  const page = [row(12), row(11), row(10, 'late'), row(9)];
  expect(bodies(mergeNewest(loaded(page, 'a'), loaded([row(11), row(9), row(8)], 'b')))).toEqual([
    'line 12',
    'line 11',
    'late',
    'line 9',
    'line 8',
  ]);
});

test('lets go of what is there when the page does not reach it, so that there is no silent hole', () => {
  const merged = mergeNewest(loaded(rows(40, 30), 'a'), loaded(rows(10, 3), 'b'));
  expect(bodies(merged)).toEqual(rows(40, 30).map((one) => one.body));
  expect(merged.next).toBe('a');
});

test('believes a page that holds everything', () => {
  expect(bodies(mergeNewest(loaded(rows(5, 4), null), loaded(rows(5, 1), null)))).toEqual(['line 5', 'line 4']);
});
