import { badData, executionFailure } from '../failure.ts';
import { extreme, isGreater, isSmaller } from '../functions/over-time.ts';
import { keepOnly, keyOf, type Labels, nameLabel, withLabel, without } from '../labels.ts';
import type { Aggregate } from '../parse/expression.ts';
import { createSum, meanOf, quantileOf, varianceOf } from './kahan.ts';
import { printValue } from './print-value.ts';
import { createVectorBuilder, emptySeries, presentAt, type Scalar, type Series, type Vector } from './vector.ts';
import type { Work } from './work.ts';

interface Group {
  labels: Labels;
  series: Vector;
}

function groupsOf({ labels: names, without: isWithout }: Aggregate, vector: Vector): Group[] {
  const chosen = new Set(isWithout ? [...names, nameLabel] : names);
  const groups = new Map<string, Group>();
  for (const series of vector) {
    const labels = isWithout ? without(series.labels, chosen) : keepOnly(series.labels, chosen);
    const key = keyOf(labels);
    const group = groups.get(key);
    if (group) group.series.push(series);
    else groups.set(key, { labels, series: [series] });
  }
  return [...groups.values()];
}

const reductions: Record<string, (values: Float64Array, parameter: number) => number> = {
  sum(values) {
    const sum = createSum();
    for (const value of values) sum.add(value);
    return sum.total();
  },
  avg: meanOf,
  min: (values) => extreme(values, isSmaller),
  max: (values) => extreme(values, isGreater),
  count: (values) => values.length,
  group: () => 1,
  stddev: (values) => Math.sqrt(varianceOf(values)),
  stdvar: varianceOf,
  quantile: (values, parameter) => quantileOf(parameter, values),
};

/** Puts the series of each group together at every step. `parameters` is the scalar of topk, bottomk and quantile. */
export async function aggregate(
  expression: Aggregate,
  vector: Vector,
  { steps, parameters, label, work }: { steps: number; parameters: Scalar | undefined; label: string; work: Work },
): Promise<Vector> {
  const groups = groupsOf(expression, vector);
  const { operator } = expression;
  if (operator === 'topk' || operator === 'bottomk') {
    return firstOfEach(groups, operator === 'topk', parameters ?? new Float64Array(steps), work);
  }
  if (operator === 'count_values') return countValues(groups, label, steps, work);
  const reduce = reductions[operator];
  if (!reduce) throw new Error(`BUG: ${operator} is no aggregation`);
  const result: Vector = [];
  for (const group of groups) {
    const series = emptySeries(group.labels, steps, work);
    const values = new Float64Array(group.series.length);
    for (let step = 0; step < steps; step++) {
      let count = 0;
      for (const one of group.series) if (one.present[step] === 1) values[count++] = one.values[step] ?? 0;
      if (work.visit(group.series.length)) await work.rest();
      if (count === 0) continue;
      series.values[step] = reduce(values.subarray(0, count), parameters?.[step] ?? Number.NaN);
      series.present[step] = 1;
    }
    result.push(series);
  }
  return result;
}

/** NaN comes last, whichever end is looked for. */
const inOrder = (isTop: boolean) => (a: number, b: number) => {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return isTop ? b - a : a - b;
};

async function firstOfEach(groups: Group[], isTop: boolean, parameters: Scalar, work: Work): Promise<Vector> {
  const steps = parameters.length;
  const compare = inOrder(isTop);
  const chosen = new Map<Series, Series>();
  for (const { series } of groups) {
    for (let step = 0; step < steps; step++) {
      const wanted = parameters[step] ?? 0;
      if (Number.isNaN(wanted)) throw executionFailure('Parameter value is NaN');
      if (work.visit(series.length)) await work.rest();
      if (wanted < 1) continue;
      const there = presentAt(series, step).sort((a, b) => compare(a.values[step] ?? 0, b.values[step] ?? 0));
      for (const one of there.slice(0, Math.min(there.length, wanted))) {
        const kept = chosen.get(one) ?? emptySeries(one.labels, steps, work);
        kept.values[step] = one.values[step] ?? 0;
        kept.present[step] = 1;
        chosen.set(one, kept);
      }
    }
  }
  return [...chosen.values()];
}

async function countValues(groups: Group[], label: string, steps: number, work: Work): Promise<Vector> {
  if (label === '') throw badData('invalid label name ""');
  const builder = createVectorBuilder(steps, work);
  for (const { labels, series } of groups) {
    for (let step = 0; step < steps; step++) {
      const counts = new Map<string, number>();
      for (const one of presentAt(series, step)) {
        const value = printValue(one.values[step] ?? 0);
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      for (const [value, count] of counts) builder.put(builder.seriesOf(withLabel(labels, label, value)), step, count);
      if (work.visit(series.length)) await work.rest();
    }
  }
  return builder.vector();
}
