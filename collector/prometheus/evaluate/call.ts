import { absent } from '../functions/absent.ts';
import { dateFunctions } from '../functions/dates.ts';
import { histogramQuantile } from '../functions/histogram-quantile.ts';
import { labelJoin, labelReplace } from '../functions/label-functions.ts';
import { boundFunctions, mathFunctions } from '../functions/math.ts';
import { withoutName } from '../labels.ts';
import type { Call, Expression } from '../parse/expression.ts';
import type { Context } from './context.ts';
import { timeAt } from './grid.ts';
import { callOnWindows, windowFunctions } from './range-call.ts';
import { readInstantVector, readRangeVector } from './selectors.ts';
import type { StoredSeries } from './stored-series.ts';
import { constantScalar, mappedAll, presentAt, relabelled, type Scalar, scalarOf, type Vector } from './vector.ts';
import type { Work } from './work.ts';

/** The seconds of each step since the Unix epoch. */
const timesOf = ({ grid, work }: Context): Promise<Scalar> =>
  scalarOf(grid.steps, work, (step) => timeAt(grid, step) / 1000);

/** Functions that give a scalar. */
export async function callScalar({ name, args }: Call, context: Context): Promise<Scalar> {
  if (name === 'time') return timesOf(context);
  if (name === 'pi') return constantScalar(Math.PI, context.grid.steps, context.work);
  const [argument] = args;
  if (name !== 'scalar' || !argument) throw new Error(`BUG: ${name} gives no scalar`);
  const vector = await context.vector(argument, context);
  const only = (step: number): number => {
    const [first, second] = presentAt(vector, step);
    return first && !second ? (first.values[step] ?? Number.NaN) : Number.NaN;
  };
  return scalarOf(context.grid.steps, context.work, only, 1 + vector.length);
}

/** Functions that give an instant vector. */
export async function callVector(call: Call, context: Context): Promise<Vector> {
  const { name, args } = call;
  const { work, grid } = context;
  const scalarAt = async (index: number): Promise<Scalar> => {
    const argument = args[index];
    return argument ? context.scalar(argument, context) : constantScalar(1, grid.steps, work);
  };
  const vectorAt = async (index: number): Promise<Vector> => {
    const argument = args[index];
    if (argument) return context.vector(argument, context);
    return asVector(await timesOf(context), work);
  };
  const rangeArgument = args.find((argument) => argument.kind === 'subquery' || argument.kind === 'selector');

  if (windowFunctions.has(name) || name === 'absent_over_time') {
    if (rangeArgument?.kind !== 'selector' && rangeArgument?.kind !== 'subquery')
      throw new Error('BUG: no range vector');
    const range = await readRangeVector(rangeArgument, context);
    if (name === 'absent_over_time') {
      const there = await callOnWindows(
        'present_over_time',
        { ...range, series: range.series.map(numbered) },
        undefined,
        context,
      );
      return absent(rangeArgument, there, grid.steps, work);
    }
    const scalarIndex = args.findIndex((argument) => argument !== rangeArgument);
    return callOnWindows(name, range, scalarIndex < 0 ? undefined : await scalarAt(scalarIndex), context);
  }

  const calculate = mathFunctions[name] ?? dateFunctions[name];
  if (calculate) return withoutNames(await mappedAll(await vectorAt(0), work, calculate), work);
  const bound = boundFunctions[name];
  if (bound) {
    const [vector, first, second] = [await vectorAt(0), await scalarAt(1), await scalarAt(2)];
    return withoutNames(
      await mappedAll(vector, work, (value, step) => bound(value, first[step] ?? 1, second[step] ?? 1)),
      work,
    );
  }

  switch (name) {
    case 'vector':
      return asVector(await scalarAt(0), work);
    case 'timestamp':
      return withoutNames(await sampleTimes(args[0], context), work);
    case 'absent':
      return absent(args[0] ?? call, await vectorAt(0), grid.steps, work);
    case 'sort':
    case 'sort_desc':
      return sorted(await vectorAt(0), name === 'sort');
    case 'histogram_quantile':
      return histogramQuantile(await scalarAt(0), await vectorAt(1), work);
    case 'label_replace':
      return labelReplace(await vectorAt(0), texts(args), work);
    case 'label_join':
      return labelJoin(await vectorAt(0), texts(args), work);
    default:
      throw new Error(`BUG: ${name} gives no vector`);
  }
}

const texts = (args: Expression[]): string[] =>
  args.flatMap((argument) => (argument.kind === 'string' ? [argument.value] : []));

const withoutNames = (vector: Vector, work: Work): Promise<Vector> => relabelled(vector, withoutName, work);

/** What is absent does not depend on labels; series that differ in their names alone would collide. */
const numbered = (series: StoredSeries, index: number): StoredSeries => ({
  ...series,
  labels: [['series', String(index)]],
});

function asVector(values: Scalar, work: Work): Vector {
  work.hold(values.length);
  return [{ labels: [], values, present: new Uint8Array(values.length).fill(1) }];
}

async function sampleTimes(argument: Expression | undefined, context: Context): Promise<Vector> {
  if (argument?.kind === 'selector') return readInstantVector(argument, context, true);
  if (!argument) throw new Error('BUG: no argument');
  const times = await timesOf(context);
  return mappedAll(await context.vector(argument, context), context.work, (_value, step) => times[step]);
}

/** Only an instant query has an order; NaN comes last. */
function sorted(vector: Vector, isRising: boolean): Vector {
  if (vector.some(({ values }) => values.length !== 1)) return vector;
  const rank = ({ values }: Vector[number]) => values[0] ?? Number.NaN;
  return [...vector].sort((a, b) => {
    if (Number.isNaN(rank(a)) || Number.isNaN(rank(b)))
      return Number(Number.isNaN(rank(a))) - Number(Number.isNaN(rank(b)));
    return isRising ? rank(a) - rank(b) : rank(b) - rank(a);
  });
}
