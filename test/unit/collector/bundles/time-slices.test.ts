import { expect, test } from 'vitest';
import { timeSlices } from '../../../../collector/bundles/time-slices.ts';

const minutes = (...counts: number[]) => counts.map((count, at) => ({ minuteMs: at * 60_000, count }));

test('cuts at whole minutes before a slice gets too large, and to the window', () => {
  expect(timeSlices(minutes(5, 5, 5), 10, { fromMs: 30_000, untilMs: 150_000 })).toEqual([
    { fromMs: 30_000, untilMs: 120_000, count: 10 },
    { fromMs: 120_000, untilMs: 150_000, count: 5 },
  ]);
});

test('a minute that is too large alone is a slice of its own', () => {
  expect(timeSlices(minutes(3, 50, 3), 10, { fromMs: 0, untilMs: 180_000 }).map(({ count }) => count)).toEqual([
    3, 50, 3,
  ]);
});

test('nothing is no slice', () => {
  expect(timeSlices([], 10, { fromMs: 0, untilMs: 1 })).toEqual([]);
});
