import { createSum } from '../evaluate/kahan.ts';
import { firstOf, lastOf, type Window, type WindowFunction } from './window.ts';

/** A gap to the window's edge up to this many intervals is taken to be covered by the series. */
const nearEdge = 1.1;

/**
 * What a series changed by within its window, extrapolated to the window's edges where its samples come near to them,
 * and for a counter not beyond where it was zero. A counter that falls has begun at zero again.
 */
function extrapolated({ times, values, startMs, endMs }: Window, isCounter: boolean): number | undefined {
  const count = values.length;
  if (count < 2) return undefined;
  let change = lastOf(values) - firstOf(values);
  if (isCounter) {
    for (let index = 1; index < count; index++) {
      const before = values[index - 1] ?? 0;
      if ((values[index] ?? 0) < before) change += before;
    }
  }
  const sampled = (lastOf(times) - firstOf(times)) / 1000;
  const interval = sampled / (count - 1);
  let toStart = (firstOf(times) - startMs) / 1000;
  let toEnd = (endMs - lastOf(times)) / 1000;
  if (toStart >= interval * nearEdge) toStart = interval / 2;
  if (toEnd >= interval * nearEdge) toEnd = interval / 2;
  if (isCounter && change > 0 && firstOf(values) >= 0)
    toStart = Math.min(toStart, sampled * (firstOf(values) / change));
  return change * ((sampled + toStart + toEnd) / sampled);
}

/** What the last two samples differ by. */
function lastChange({ times, values }: Window, isRate: boolean): number | undefined {
  if (values.length < 2) return undefined;
  const last = lastOf(values);
  const before = values[values.length - 2] ?? 0;
  const seconds = (lastOf(times) - (times[times.length - 2] ?? 0)) / 1000;
  if (!isRate) return last - before;
  return (last < before ? last : last - before) / seconds;
}

/** The straight line that lies nearest to the samples: its value at `atMs`, and how it rises in a second. */
function line({ times, values }: Window, atMs: number): { slope: number; intercept: number } {
  const first = firstOf(values);
  if (values.every((value) => value === first)) {
    return Number.isFinite(first) ? { slope: 0, intercept: first } : { slope: Number.NaN, intercept: Number.NaN };
  }
  const [sumX, sumY, sumXY, sumXX] = [createSum(), createSum(), createSum(), createSum()];
  values.forEach((y, index) => {
    const x = ((times[index] ?? 0) - atMs) / 1000;
    sumX.add(x);
    sumY.add(y);
    sumXY.add(x * y);
    sumXX.add(x * x);
  });
  const count = values.length;
  const covariance = sumXY.total() - (sumX.total() * sumY.total()) / count;
  const variance = sumXX.total() - (sumX.total() * sumX.total()) / count;
  const slope = covariance / variance;
  return { slope, intercept: sumY.total() / count - (slope * sumX.total()) / count };
}

function countPairs({ values }: Window, isOne: (value: number, before: number) => boolean): number {
  let count = 0;
  for (let index = 1; index < values.length; index++) {
    if (isOne(values[index] ?? 0, values[index - 1] ?? 0)) count++;
  }
  return count;
}

export const rateFunctions: Record<string, WindowFunction> = {
  rate(window) {
    const change = extrapolated(window, true);
    return change === undefined ? undefined : change / ((window.endMs - window.startMs) / 1000);
  },
  increase: (window) => extrapolated(window, true),
  delta: (window) => extrapolated(window, false),
  irate: (window) => lastChange(window, true),
  idelta: (window) => lastChange(window, false),
  deriv: (window) => (window.values.length < 2 ? undefined : line(window, firstOf(window.times)).slope),
  predict_linear(window) {
    if (window.values.length < 2) return undefined;
    const { slope, intercept } = line(window, window.nowMs);
    return slope * window.parameter + intercept;
  },
  changes: (window) => countPairs(window, (value, before) => !Object.is(value, before) && value !== before),
  resets: (window) => countPairs(window, (value, before) => value < before),
};
