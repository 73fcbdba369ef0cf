import { createVectorBuilder, type Scalar, type Vector } from '../evaluate/vector.ts';
import type { Work } from '../evaluate/work.ts';
import { keyOf, type Labels, labelValue, nameLabel, without } from '../labels.ts';
import { readNumber } from '../parse/literals.ts';

interface Bucket {
  upperBound: number;
  /** How many values lie at or below it. */
  count: number;
}

/** Differences this small come from rounding, not from counting. */
const tolerance = 1e-12;
const ofBuckets = new Set([nameLabel, 'le']);

/** Estimates a quantile for each group of classic buckets that differ in `le` alone. */
export async function histogramQuantile(quantiles: Scalar, vector: Vector, work: Work): Promise<Vector> {
  const builder = createVectorBuilder(quantiles.length, work);
  const groups = new Map<string, { labels: Labels; buckets: { upperBound: number; series: Vector[number] }[] }>();
  for (const series of vector) {
    const upperBound = readNumber(labelValue(series.labels, 'le'));
    if (upperBound === undefined || Number.isNaN(upperBound)) continue;
    const labels = without(series.labels, ofBuckets);
    const key = keyOf(labels);
    const group = groups.get(key) ?? { labels, buckets: [] };
    group.buckets.push({ upperBound, series });
    groups.set(key, group);
  }
  for (const { labels, buckets } of groups.values()) {
    buckets.sort((a, b) => a.upperBound - b.upperBound);
    const result = builder.seriesOf(labels);
    for (let step = 0; step < quantiles.length; step++) {
      const there = buckets.filter(({ series }) => series.present[step] === 1);
      if (there.length === 0) continue;
      const counted = there.map(({ upperBound, series }) => ({ upperBound, count: series.values[step] ?? 0 }));
      builder.put(result, step, quantileOfCumulative(quantiles[step] ?? Number.NaN, counted));
      if (work.visit(there.length)) await work.rest();
    }
  }
  return builder.vector();
}

/** The quantile of cumulative buckets in the order of their bounds, values lying evenly in theirs. */
function quantileOfCumulative(quantile: number, given: Bucket[]): number {
  if (Number.isNaN(quantile)) return Number.NaN;
  if (quantile < 0) return Number.NEGATIVE_INFINITY;
  if (quantile > 1) return Number.POSITIVE_INFINITY;
  if (given.at(-1)?.upperBound !== Number.POSITIVE_INFINITY) return Number.NaN;
  const buckets = rising(given);
  const last = buckets.length - 1;
  const observations = buckets[last]?.count ?? 0;
  const below = buckets[last - 1];
  if (!below || observations === 0) return Number.NaN;

  const rank = quantile * observations;
  const found = buckets.findIndex(({ count }, index) => index === last || count >= rank);
  const bucket = buckets[found];
  if (!bucket || found === last) return below.upperBound;
  const before = buckets[found - 1];
  if (!before && bucket.upperBound <= 0) return bucket.upperBound;
  const start = before?.upperBound ?? 0;
  const under = before?.count ?? 0;
  return start + (bucket.upperBound - start) * ((rank - under) / (bucket.count - under));
}

/** Buckets of one bound put together, and counts that never fall from bound to bound. */
function rising(given: Bucket[]): Bucket[] {
  const buckets: Bucket[] = [];
  for (const { upperBound, count } of given) {
    const last = buckets.at(-1);
    if (last?.upperBound === upperBound) last.count += count;
    else buckets.push({ upperBound, count });
  }
  let highest = Number.NEGATIVE_INFINITY;
  for (const bucket of buckets) {
    const isRounding = Math.abs(bucket.count - highest) / bucket.count <= tolerance;
    if (isRounding || bucket.count < highest) bucket.count = highest;
    else highest = bucket.count;
  }
  return buckets;
}
