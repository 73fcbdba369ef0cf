/** A sum that keeps what rounding would lose (Neumaier). */
export function createSum() {
  let sum = 0;
  let lost = 0;
  return {
    add(value: number): void {
      const next = sum + value;
      if (!Number.isFinite(next)) lost = 0;
      else if (Math.abs(sum) >= Math.abs(value)) lost += sum - next + value;
      else lost += value - next + sum;
      sum = next;
    },
    total: (): number => (Number.isFinite(sum) ? sum + lost : sum),
  };
}

/** The mean; where the sum leaves the range of numbers, by small steps from value to value. */
export function meanOf(values: Float64Array): number {
  const sum = createSum();
  for (const value of values) sum.add(value);
  const total = sum.total();
  if (Number.isFinite(total) || !values.every(Number.isFinite)) return total / values.length;
  return values.reduce((mean, value, index) => mean + (value / (index + 1) - mean / (index + 1)), 0);
}

/** The variance of all values, not of a sample. */
export function varianceOf(values: Float64Array): number {
  const mean = meanOf(values);
  const sum = createSum();
  for (const value of values) sum.add((value - mean) ** 2);
  return sum.total() / values.length;
}

/** The quantile of values, linear between the two that are nearest. */
export function quantileOf(quantile: number, values: Float64Array): number {
  if (values.length === 0 || Number.isNaN(quantile)) return Number.NaN;
  if (quantile < 0) return Number.NEGATIVE_INFINITY;
  if (quantile > 1) return Number.POSITIVE_INFINITY;
  // NaN comes first, as Prometheus sorts.
  const sorted = [...values].sort((a, b) => (Number.isNaN(a) ? -1 : Number.isNaN(b) ? 1 : a - b));
  const rank = quantile * (sorted.length - 1);
  const lower = Math.floor(rank);
  const weight = rank - lower;
  const low = sorted[lower] ?? Number.NaN;
  const high = sorted[Math.min(lower + 1, sorted.length - 1)] ?? Number.NaN;
  return low * (1 - weight) + high * weight;
}
