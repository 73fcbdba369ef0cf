import { overTimeFunctions } from '../functions/over-time.ts';
import { rateFunctions } from '../functions/rates.ts';
import type { WindowFunction } from '../functions/window.ts';
import { withoutName } from '../labels.ts';
import type { Context } from './context.ts';
import { timeAt } from './grid.ts';
import type { RangeVector } from './selectors.ts';
import { emptySeries, relabelled, type Scalar, type Vector } from './vector.ts';

export const windowFunctions: ReadonlyMap<string, WindowFunction> = new Map(
  Object.entries({ ...rateFunctions, ...overTimeFunctions }),
);

/** Gives each window of each series to a function. */
export async function callOnWindows(
  name: string,
  { series: stored, rangeMs, windowEnd }: RangeVector,
  parameters: Scalar | undefined,
  { grid, work }: Context,
): Promise<Vector> {
  const call = windowFunctions.get(name);
  if (!call) throw new Error(`BUG: ${name} is no function of windows`);
  const vector: Vector = [];
  for (const { labels, times, values } of stored) {
    const series = emptySeries(labels, grid.steps, work);
    let from = 0;
    let to = 0;
    for (let step = 0; step < grid.steps; step++) {
      const endMs = windowEnd(step);
      const startMs = endMs - rangeMs;
      while (to < times.length && (times[to] ?? 0) <= endMs) to++;
      while (from < to && (times[from] ?? 0) <= startMs) from++;
      if (work.visit(to - from + 1)) await work.rest();
      if (from === to) continue;
      const value = call({
        times: times.subarray(from, to),
        values: values.subarray(from, to),
        startMs,
        endMs,
        nowMs: timeAt(grid, step),
        parameter: parameters?.[step] ?? Number.NaN,
      });
      if (value === undefined) continue;
      series.values[step] = value;
      series.present[step] = 1;
    }
    if (series.present.includes(1)) vector.push(series);
  }
  return name === 'last_over_time' ? vector : relabelled(vector, withoutName, work);
}
