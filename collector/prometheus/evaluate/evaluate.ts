import { keyOf, type Labels, withoutName } from '../labels.ts';
import { isSetOperator, typeOf } from '../parse/check-types.ts';
import type { Binary, Expression } from '../parse/expression.ts';
import { aggregate } from './aggregate.ts';
import { combineSets, scalarsWithScalars, vectorWithScalars, vectorWithVector } from './binary.ts';
import { callScalar, callVector } from './call.ts';
import type { Context } from './context.ts';
import { endOf, type Grid, timeAt } from './grid.ts';
import { readInstantVector, readRangeVector } from './selectors.ts';
import type { SeriesSource } from './stored-series.ts';
import { constantScalar, mappedAll, pointsOf, relabelled, type Scalar, scalarOf, type Vector } from './vector.ts';
import type { Work } from './work.ts';

/** Milliseconds since the Unix epoch, and a value. */
export type Point = [timeMs: number, value: number];

/** Values at times (milliseconds since the Unix epoch); two lists, since there may be millions. */
export interface Points {
  labels: Labels;
  times: Float64Array;
  values: Float64Array;
}

export type Result =
  | { type: 'scalar'; point: Point }
  | { type: 'string'; timeMs: number; text: string }
  | { type: 'vector'; series: { labels: Labels; point: Point }[] }
  | { type: 'matrix'; series: Points[] };

interface Evaluation {
  source: SeriesSource;
  work: Work;
  lookbackMs: number;
}

/** The value of an expression at one time. */
export async function evaluateAt(expression: Expression, atMs: number, evaluation: Evaluation): Promise<Result> {
  const context = contextOf(evaluation, { startMs: atMs, stepMs: 1, steps: 1 });
  if (expression.kind === 'string') return { type: 'string', timeMs: atMs, text: expression.value };
  const type = typeOf(expression);
  if (type === 'range vector' && (expression.kind === 'selector' || expression.kind === 'subquery')) {
    const range = await readRangeVector(expression, context);
    const end = range.windowEnd(0);
    const series = range.series.map(({ labels, times, values }) => {
      const from = times.findIndex((time) => time > end - range.rangeMs);
      const after = times.findIndex((time) => time > end);
      const window = from < 0 ? [0, 0] : [from, after < 0 ? times.length : after];
      return { labels, times: times.slice(...window), values: values.slice(...window) };
    });
    return { type: 'matrix', series: inOrder(series.filter(({ times }) => times.length > 0)) };
  }
  if (type === 'scalar') return { type: 'scalar', point: [atMs, (await scalar(expression, context))[0] ?? Number.NaN] };
  const series = (await vector(expression, context))
    .filter(({ present }) => present[0] === 1)
    .map(({ labels, values }) => ({ labels, point: [atMs, values[0] ?? 0] as Point }));
  return { type: 'vector', series: isSorted(expression) ? series : inOrder(series) };
}

/** The values of a scalar or instant vector at all times of a grid. */
export async function evaluateOver(expression: Expression, grid: Grid, evaluation: Evaluation): Promise<Result> {
  const context = contextOf(evaluation, grid);
  const found: Vector =
    typeOf(expression) === 'scalar'
      ? [{ labels: [], values: await scalar(expression, context), present: new Uint8Array(grid.steps).fill(1) }]
      : await vector(expression, context);
  const series: Points[] = [];
  for (const one of found) {
    series.push({ labels: one.labels, ...(await pointsOf(one, (step) => timeAt(grid, step), context.work)) });
  }
  return { type: 'matrix', series: inOrder(series.filter(({ times }) => times.length > 0)) };
}

const contextOf = ({ source, work, lookbackMs }: Evaluation, grid: Grid): Context => ({
  source: once(source),
  work,
  grid,
  queryStartMs: grid.startMs,
  queryEndMs: endOf(grid),
  lookbackMs,
  vector,
  scalar,
});

/** Answers the same question of one query once. */
function once(source: SeriesSource): SeriesSource {
  const answers = new Map<string, ReturnType<SeriesSource['select']>>();
  return {
    select(selection, work) {
      const key = JSON.stringify(selection);
      const answer = answers.get(key) ?? source.select(selection, work);
      answers.set(key, answer);
      return answer;
    },
  };
}

const inOrder = <Labelled extends { labels: Labels }>(series: Labelled[]): Labelled[] =>
  series
    .map((one) => ({ one, key: keyOf(one.labels) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ one }) => one);

/** Whether the order of an instant vector is part of the answer. */
const isSorted = (expression: Expression): boolean =>
  (expression.kind === 'call' && /^sort/.test(expression.name)) ||
  (expression.kind === 'aggregate' && /^(top|bottom)k$/.test(expression.operator));

async function scalar(expression: Expression, context: Context): Promise<Scalar> {
  switch (expression.kind) {
    case 'number':
      return constantScalar(expression.value, context.grid.steps, context.work);
    case 'negate': {
      const inner = await scalar(expression.inner, context);
      return scalarOf(inner.length, context.work, (step) => -(inner[step] ?? 0));
    }
    case 'call':
      return callScalar(expression, context);
    case 'binary':
      return scalarsWithScalars(
        expression,
        await scalar(expression.left, context),
        await scalar(expression.right, context),
        context.work,
      );
    default:
      throw new Error(`BUG: a ${expression.kind} is no scalar`);
  }
}

async function vector(expression: Expression, context: Context): Promise<Vector> {
  switch (expression.kind) {
    case 'selector':
      return readInstantVector(expression, context);
    case 'negate': {
      const inner = await vector(expression.inner, context);
      return relabelled(await mappedAll(inner, context.work, (value) => -value), withoutName, context.work);
    }
    case 'call':
      return callVector(expression, context);
    case 'aggregate': {
      const { parameter } = expression;
      const inner = await vector(expression.inner, context);
      return aggregate(expression, inner, {
        steps: context.grid.steps,
        parameters: parameter && parameter.kind !== 'string' ? await scalar(parameter, context) : undefined,
        label: parameter?.kind === 'string' ? parameter.value : '',
        work: context.work,
      });
    }
    case 'binary':
      return binary(expression, context);
    default:
      throw new Error(`BUG: a ${expression.kind} is no vector`);
  }
}

async function binary(expression: Binary, context: Context): Promise<Vector> {
  const { left, right, operator } = expression;
  const { work } = context;
  const { steps } = context.grid;
  if (typeOf(left) === 'scalar') {
    const scalars = await scalar(left, context);
    return vectorWithScalars(expression, await vector(right, context), { scalars, isLeft: true, work });
  }
  const vectorOnLeft = await vector(left, context);
  if (typeOf(right) === 'scalar') {
    return vectorWithScalars(expression, vectorOnLeft, { scalars: await scalar(right, context), isLeft: false, work });
  }
  const vectorOnRight = await vector(right, context);
  if (isSetOperator(operator)) return combineSets(expression, vectorOnLeft, vectorOnRight, steps, work);
  return vectorWithVector(expression, vectorOnLeft, vectorOnRight, { steps, work });
}
