import { executionFailure } from '../failure.ts';
import { keyOf, type Labels } from '../labels.ts';
import type { Work } from './work.ts';

/** A series over the steps of a grid: its value at each, where it has one. NaN is a value like others. */
export interface Series {
  labels: Labels;
  values: Float64Array;
  /** 1 where there is a value. */
  present: Uint8Array;
}

/** Instant vectors at all steps at once. */
export type Vector = Series[];

/** Scalars at all steps. */
export type Scalar = Float64Array;

export function emptySeries(labels: Labels, steps: number, work: Work): Series {
  work.hold(steps);
  return { labels, values: new Float64Array(steps), present: new Uint8Array(steps) };
}

/** A new scalar from what it has at each step; `visits` is what one takes. */
export async function scalarOf(
  steps: number,
  work: Work,
  valueAt: (step: number) => number,
  visits = 1,
): Promise<Scalar> {
  work.hold(steps);
  const scalar = new Float64Array(steps);
  for (let step = 0; step < steps; step++) {
    scalar[step] = valueAt(step);
    if (work.visit(visits)) await work.rest();
  }
  return scalar;
}

export const constantScalar = (value: number, steps: number, work: Work): Promise<Scalar> =>
  scalarOf(steps, work, () => value);

/** The values that a series has, with their times. */
export async function pointsOf({ values, present }: Series, timeOf: (step: number) => number, work: Work) {
  const count = present.reduce((sum, one) => sum + one, 0);
  const points = { times: new Float64Array(count), values: new Float64Array(count) };
  let at = 0;
  for (let step = 0; step < values.length; step++) {
    if (work.visit(1)) await work.rest();
    if (present[step] !== 1) continue;
    points.times[at] = timeOf(step);
    points.values[at++] = values[step] ?? 0;
  }
  return points;
}

/** The series that have a value at a step. */
export const presentAt = (vector: Vector, step: number): Vector =>
  vector.filter((series) => series.present[step] === 1);

/** Characters of a key that are not counted: what series of a site have, whose values are counted. */
const freeKey = 1024;

/**
 * Puts values together to series by their labels. Throws a failure `execution` when two values of one step have the
 * same labels.
 */
export function createVectorBuilder(steps: number, work: Work) {
  const byKey = new Map<string, Series>();
  const seriesOf = (labels: Labels): Series => {
    const key = keyOf(labels);
    let series = byKey.get(key);
    if (!series) {
      // Labels are shared between series; the text of the key is not.
      work.holdText(Math.max(0, key.length - freeKey));
      series = emptySeries(labels, steps, work);
      byKey.set(key, series);
    }
    return series;
  };
  return {
    /** The series with these labels, to put values into with `put`. */
    seriesOf,
    put(series: Series, step: number, value: number): void {
      if (series.present[step] === 1) throw sameLabels();
      series.values[step] = value;
      series.present[step] = 1;
    },
    vector: (): Vector => [...byKey.values()],
  };
}

/** What it takes to read a text, in visits of samples. */
const textVisits = (characters: number): number => Math.ceil(characters / 32);

const sameLabels = () => executionFailure('vector cannot contain metrics with the same labelset');

/** The same values under other labels; series that come to have the same labels become one where they do not meet. */
export async function relabelled(
  vector: Vector,
  relabel: (labels: Labels) => Labels | Promise<Labels>,
  work: Work,
): Promise<Vector> {
  const byKey = new Map<string, Series>();
  for (const series of vector) {
    const labels = await relabel(series.labels);
    const key = keyOf(labels);
    const there = byKey.get(key);
    if (work.visit((there ? series.values.length : 1) + textVisits(key.length))) await work.rest();
    if (!there) {
      byKey.set(key, { ...series, labels });
      continue;
    }
    const merged = { labels, values: there.values.slice(), present: there.present.slice() };
    for (let step = 0; step < merged.values.length; step++) {
      if (series.present[step] !== 1) continue;
      if (merged.present[step] === 1) throw sameLabels();
      merged.values[step] = series.values[step] ?? 0;
      merged.present[step] = 1;
    }
    byKey.set(key, merged);
  }
  return [...byKey.values()];
}

/** New series whose values are made from others; undefined is no value. */
export async function mappedAll(
  vector: Vector,
  work: Work,
  change: (value: number, step: number) => number | undefined,
): Promise<Vector> {
  const made: Vector = [];
  for (const series of vector) {
    made.push(mapped(series, work, change));
    if (work.visit(series.values.length)) await work.rest();
  }
  return made;
}

function mapped(
  { labels, values, present }: Series,
  work: Work,
  change: (value: number, step: number) => number | undefined,
): Series {
  const series = emptySeries(labels, values.length, work);
  for (let step = 0; step < values.length; step++) {
    if (present[step] !== 1) continue;
    const value = change(values[step] ?? 0, step);
    if (value === undefined) continue;
    series.values[step] = value;
    series.present[step] = 1;
  }
  return series;
}
