import type { Moment, Selector, Subquery } from '../parse/expression.ts';
import type { Context } from './context.ts';
import { type Grid, timeAt } from './grid.ts';
import type { StoredSeries } from './stored-series.ts';
import { emptySeries, pointsOf, type Vector } from './vector.ts';

/** Without a step of its own, a subquery takes Prometheus' default interval of evaluation. */
const defaultSubqueryStepMs = 60_000;

/** A range vector at all steps: samples, and where each step's window ends. */
export interface RangeVector {
  series: StoredSeries[];
  rangeMs: number;
  /** End of the window of a step; its beginning, `rangeMs` before, is not part of it. */
  windowEnd(step: number): number;
}

/** The times that a selector looks at, and which of them belongs to a step. */
function looksOf(
  moment: Moment,
  { grid, queryStartMs, queryEndMs }: Context,
): { grid: Grid; lookAt(step: number): number } {
  const { at, offsetMs } = moment;
  if (at === undefined) {
    const startMs = grid.startMs - offsetMs;
    return { grid: { ...grid, startMs }, lookAt: (step) => startMs + step * grid.stepMs };
  }
  const fixed = (at === 'start' ? queryStartMs : at === 'end' ? queryEndMs : at) - offsetMs;
  return { grid: { startMs: fixed, stepMs: 1, steps: 1 }, lookAt: () => fixed };
}

/** The newest sample of each series at each step, not older than the look-back; its time instead with `timesInstead`. */
export async function readInstantVector(selector: Selector, context: Context, timesInstead = false): Promise<Vector> {
  const { work, grid, lookbackMs, source } = context;
  const looks = looksOf(selector, context);
  const stored = await source.select(
    { matchers: selector.matchers, grid: looks.grid, windowMs: lookbackMs, newestOnly: true },
    work,
  );
  const vector: Vector = [];
  for (const { labels, times, values, ended } of stored) {
    const series = emptySeries(labels, grid.steps, work);
    let next = 0;
    let isSeen = false;
    for (let step = 0; step < grid.steps; step++) {
      const at = looks.lookAt(step);
      while (next < times.length && (times[next] ?? 0) <= at) next++;
      const newest = next - 1;
      const time = times[newest];
      if (time === undefined || time <= at - lookbackMs || ended?.[newest] === 1) continue;
      series.values[step] = timesInstead ? time / 1000 : (values[newest] ?? 0);
      series.present[step] = 1;
      isSeen = true;
    }
    if (isSeen) vector.push(series);
    if (work.visit(grid.steps)) await work.rest();
  }
  return vector;
}

export async function readRangeVector(expression: Selector | Subquery, context: Context): Promise<RangeVector> {
  if (expression.kind === 'subquery') return runSubquery(expression, context);
  const rangeMs = expression.rangeMs ?? 0;
  const looks = looksOf(expression, context);
  const series = await context.source.select(
    { matchers: expression.matchers, grid: looks.grid, windowMs: rangeMs, newestOnly: false },
    context.work,
  );
  return { series, rangeMs, windowEnd: looks.lookAt };
}

/** Evaluates an expression at the multiples of its own step that lie in the windows. */
async function runSubquery(subquery: Subquery, context: Context): Promise<RangeVector> {
  const looks = looksOf(subquery, context);
  const stepMs = subquery.stepMs ?? defaultSubqueryStepMs;
  const from = looks.grid.startMs - subquery.rangeMs;
  const startMs = Math.floor(from / stepMs) * stepMs + stepMs;
  const last = timeAt(looks.grid, looks.grid.steps - 1);
  const steps = Math.floor((last - startMs) / stepMs) + 1;
  if (steps < 1) return { series: [], rangeMs: subquery.rangeMs, windowEnd: looks.lookAt };
  // Each of its series is as long, with times and values: one that alone would be too long is refused before it is made.
  context.work.hold(3 * steps);
  const inner = await context.vector(subquery.inner, { ...context, grid: { startMs, stepMs, steps } });
  const series: StoredSeries[] = [];
  for (const one of inner) {
    const points = await pointsOf(one, (step) => startMs + step * stepMs, context.work);
    series.push({ labels: one.labels, ...points });
  }
  return { series, rangeMs: subquery.rangeMs, windowEnd: looks.lookAt };
}
