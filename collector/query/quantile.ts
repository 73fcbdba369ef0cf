/** How many values lie at most at `upperBound` and above the bound before; null stands for no bound. */
export interface Bucket {
  upperBound: number | null;
  count: number;
}

/**
 * Estimates a quantile (0 to 1) of values that are only known by bucket: values are taken to lie evenly in theirs.
 * The lowest bucket begins at 0 when its bound is positive; of one without upper bound nothing is known but where it
 * begins, so its lower bound is the estimate. Null when there are no values.
 */
export function quantileOfBuckets(buckets: readonly Bucket[], quantile: number): number | null {
  const sorted = buckets
    .map(({ upperBound, count }) => ({ upper: upperBound ?? Number.POSITIVE_INFINITY, count: Math.max(0, count) }))
    .sort((a, b) => a.upper - b.upper);
  const total = sorted.reduce((sum, bucket) => sum + bucket.count, 0);
  if (total === 0) return null;
  const rank = quantile * total;
  let below = 0;
  let lower: number | undefined;
  for (const { upper, count } of sorted) {
    if (count > 0 && below + count >= rank) {
      if (upper === Number.POSITIVE_INFINITY) return lower ?? null;
      const from = lower ?? Math.min(0, upper);
      return from + (upper - from) * ((rank - below) / count);
    }
    below += count;
    lower = upper;
  }
  return lower ?? null;
}
