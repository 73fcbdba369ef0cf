import type { Expression } from '../parse/expression.ts';
import type { Grid } from './grid.ts';
import type { SeriesSource } from './stored-series.ts';
import type { Scalar, Vector } from './vector.ts';
import type { Work } from './work.ts';

/** What every part of an evaluation needs. */
export interface Context {
  source: SeriesSource;
  work: Work;
  grid: Grid;
  /** Of the whole query: what `@ start()` and `@ end()` mean. */
  queryStartMs: number;
  queryEndMs: number;
  /** How long a sample counts as current. */
  lookbackMs: number;
  vector(expression: Expression, context: Context): Promise<Vector>;
  scalar(expression: Expression, context: Context): Promise<Scalar>;
}
