import { executionFailure } from '../failure.ts';
import {
  keepOnly,
  keyOf,
  type Labels,
  labelValue,
  nameLabel,
  printLabels,
  withLabel,
  without,
  withoutName,
} from '../labels.ts';
import type { Binary, Matching } from '../parse/expression.ts';
import { changesMeaning, operation } from './operators.ts';
import {
  createVectorBuilder,
  mappedAll,
  presentAt,
  relabelled,
  type Scalar,
  type Series,
  scalarOf,
  type Vector,
} from './vector.ts';
import type { Work } from './work.ts';

const everything: Matching = { on: false, labels: [], many: undefined, include: [] };

export function scalarsWithScalars(
  { operator, bool }: Binary,
  left: Scalar,
  right: Scalar,
  work: Work,
): Promise<Scalar> {
  const calculate = operation(operator, bool);
  return scalarOf(left.length, work, (step) => {
    const a = left[step] ?? 0;
    return calculate(a, right[step] ?? 0, a) ?? Number.NaN;
  });
}

/** An operation on every value of a vector and a scalar, which stands on either side. */
export async function vectorWithScalars(
  { operator, bool }: Binary,
  vector: Vector,
  { scalars, isLeft, work }: { scalars: Scalar; isLeft: boolean; work: Work },
): Promise<Vector> {
  const calculate = operation(operator, bool);
  const result = await mappedAll(vector, work, (value, step) => {
    const scalar = scalars[step] ?? 0;
    return isLeft ? calculate(scalar, value, value) : calculate(value, scalar, value);
  });
  return changesMeaning(operator, bool) ? relabelled(result, withoutName, work) : result;
}

/** What two series must agree in to belong together. */
function signatureOf({ on, labels }: Matching): (labels: Labels) => Labels {
  const names = new Set(on ? labels : [...labels, nameLabel]);
  return on ? (all) => keepOnly(all, names) : (all) => without(all, names);
}

function bySignature(vector: Vector, signature: (labels: Labels) => Labels): Map<string, Vector> {
  const groups = new Map<string, Vector>();
  for (const series of vector) {
    const key = keyOf(signature(series.labels));
    const group = groups.get(key);
    if (group) group.push(series);
    else groups.set(key, [series]);
  }
  return groups;
}

/** `and`, `or` and `unless`. */
export async function combineSets(
  { operator, matching = everything }: Binary,
  left: Vector,
  right: Vector,
  steps: number,
  work: Work,
): Promise<Vector> {
  const signature = signatureOf(matching);
  /** At which steps a series of a signature has a value. */
  const presence = async (vector: Vector): Promise<Map<string, Uint8Array>> => {
    const bySteps = new Map<string, Uint8Array>();
    for (const [key, group] of bySignature(vector, signature)) {
      const present = new Uint8Array(steps);
      bySteps.set(key, present);
      for (const series of group) {
        for (let step = 0; step < steps; step++) if (series.present[step] === 1) present[step] = 1;
        if (work.visit(steps)) await work.rest();
      }
    }
    return bySteps;
  };
  const builder = createVectorBuilder(steps, work);
  /** Keeps the values at steps where the other side has one, or where it has none. */
  const keep = async (vector: Vector, others: Map<string, Uint8Array>, whereOthers: boolean): Promise<void> => {
    for (const series of vector) {
      const result = builder.seriesOf(series.labels);
      const other = others.get(keyOf(signature(series.labels)));
      for (let step = 0; step < steps; step++) {
        if (series.present[step] !== 1 || (other?.[step] === 1) !== whereOthers) continue;
        builder.put(result, step, series.values[step] ?? 0);
      }
      if (work.visit(steps)) await work.rest();
    }
  };
  if (operator === 'or') {
    await keep(left, new Map(), false);
    await keep(right, await presence(left), false);
  } else {
    await keep(left, await presence(right), operator === 'and');
  }
  return builder.vector();
}

/** An operation between the series of two vectors that belong together. Throws a failure `execution` where it is not clear which do. */
export async function vectorWithVector(
  { operator, bool, matching = everything }: Binary,
  left: Vector,
  right: Vector,
  { steps, work }: { steps: number; work: Work },
): Promise<Vector> {
  const calculate = operation(operator, bool);
  const isSwapped = matching.many === 'right';
  const [many, one] = isSwapped ? [right, left] : [left, right];
  const signature = signatureOf(matching);
  const groups = bySignature(many, signature);
  const counterparts = bySignature(one, signature);
  const builder = createVectorBuilder(steps, work);
  // Where a side is empty, nothing is matched and nothing can be ambiguous.
  const isAsked = Uint8Array.from({ length: steps }, (_, step) =>
    Number(many.some(({ present }) => present[step] === 1) && one.some(({ present }) => present[step] === 1)),
  );

  for (const [key, ones] of counterparts) {
    const group = groups.get(key) ?? [];
    const results = new Map<Series, Map<Series, Series>>();
    const resultOf = (series: Series, counterpart: Series) => {
      const ofSeries = results.get(series) ?? new Map<Series, Series>();
      results.set(series, ofSeries);
      const known = ofSeries.get(counterpart);
      if (known) return known;
      const made = builder.seriesOf(resultLabels(series.labels, counterpart.labels));
      ofSeries.set(counterpart, made);
      return made;
    };
    for (let step = 0; step < steps; step++) {
      if (isAsked[step] !== 1) continue;
      if (work.visit(ones.length + group.length)) await work.rest();
      const [counterpart, second] = ones.length === 1 ? ones : presentAt(ones, step);
      if (second && counterpart)
        throw notUnique(signature(counterpart.labels), isSwapped ? 'left' : 'right', [second, counterpart]);
      if (counterpart?.present[step] !== 1) continue;
      let matched = 0;
      for (const series of group) {
        if (series.present[step] !== 1) continue;
        const [a, b] = isSwapped ? [counterpart, series] : [series, counterpart];
        const kept = a.values[step] ?? 0;
        const value = calculate(kept, b.values[step] ?? 0, kept);
        if (value === undefined) continue;
        if (matching.many === undefined && ++matched > 1) {
          throw executionFailure(
            'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
          );
        }
        const result = resultOf(series, counterpart);
        if (result.present[step] === 1) {
          throw executionFailure('multiple matches for labels: grouping labels must ensure unique matches');
        }
        builder.put(result, step, value);
      }
    }
  }
  return builder.vector();

  function resultLabels(labels: Labels, counterpart: Labels): Labels {
    let result = changesMeaning(operator, bool) ? withoutName(labels) : labels;
    if (matching.many === undefined) {
      const names = new Set(matching.labels);
      result = matching.on ? keepOnly(result, names) : without(result, names);
    }
    for (const name of matching.include) result = withLabel(result, name, labelValue(counterpart, name));
    return result;
  }
}

function notUnique(group: Labels, side: string, series: Vector) {
  const both = series.map(({ labels }) => printLabels(labels)).join(', ');
  return executionFailure(
    `found duplicate series for the match group ${printLabels(group)} on the ${side} hand-side of the operation: [${both}];many-to-many matching not allowed: matching labels must be unique on one side`,
  );
}
