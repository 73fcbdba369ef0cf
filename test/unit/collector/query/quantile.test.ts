import { expect, test } from 'vitest';
import { quantileOfBuckets } from '../../../../collector/query/quantile.ts';

const buckets = (...pairs: [number | null, number][]) => pairs.map(([upperBound, count]) => ({ upperBound, count }));

test.each([
  ['evenly in its bucket', buckets([10, 10], [20, 10], [null, 0]), 0.75, 15],
  ['from 0 in the lowest bucket', buckets([10, 10], [null, 0]), 0.5, 5],
  ['at the lower bound of the last, which has no end', buckets([10, 1], [null, 9]), 0.9, 10],
  ['over empty buckets', buckets([1, 0], [2, 0], [4, 4], [8, 0]), 0.5, 3],
  ['below 0', buckets([-10, 0], [0, 4], [null, 0]), 0.25, -7.5],
  ['in any order of buckets', buckets([null, 0], [20, 10], [10, 10]), 0.75, 15],
])('a quantile lies %s', (_, given, quantile, value) => {
  expect(quantileOfBuckets(given, quantile)).toBe(value);
});

test('no values, or none with a bound, have no quantile', () => {
  expect(quantileOfBuckets([], 0.5)).toBeNull();
  expect(quantileOfBuckets(buckets([1, 0], [null, 0]), 0.5)).toBeNull();
  expect(quantileOfBuckets(buckets([null, 5]), 0.5)).toBeNull();
});
