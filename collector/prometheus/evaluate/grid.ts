import { badData } from '../failure.ts';

/** The times at which an expression is evaluated: milliseconds since the Unix epoch, evenly apart. */
export interface Grid {
  startMs: number;
  stepMs: number;
  steps: number;
}

/** As Prometheus bounds a range query. */
const mostSteps = 11_000;

export const timeAt = ({ startMs, stepMs }: Grid, step: number): number => startMs + step * stepMs;
export const endOf = (grid: Grid): number => timeAt(grid, grid.steps - 1);

/** Throws a failure `bad_data`. */
export function gridOf(startMs: number, endMs: number, stepMs: number): Grid {
  if (endMs < startMs) throw badData('invalid parameter "end": end timestamp must not be before start time');
  if (!(stepMs > 0)) {
    throw badData(
      'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  }
  if ((endMs - startMs) / stepMs > mostSteps) {
    throw badData(
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    );
  }
  return { startMs, stepMs, steps: Math.floor((endMs - startMs) / stepMs) + 1 };
}
