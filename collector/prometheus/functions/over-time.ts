import { createSum, meanOf, quantileOf, varianceOf } from '../evaluate/kahan.ts';
import { lastOf, type WindowFunction } from './window.ts';

/** The first value of an order in which NaN counts last. */
export function extreme(values: Iterable<number>, isBefore: (a: number, b: number) => boolean): number {
  let found = Number.NaN;
  for (const value of values) if (Number.isNaN(found) || isBefore(value, found)) found = value;
  return found;
}

export const isSmaller = (a: number, b: number): boolean => a < b;
export const isGreater = (a: number, b: number): boolean => a > b;

export const overTimeFunctions: Record<string, WindowFunction> = {
  sum_over_time({ values }) {
    const sum = createSum();
    for (const value of values) sum.add(value);
    return sum.total();
  },
  avg_over_time: ({ values }) => meanOf(values),
  min_over_time: ({ values }) => extreme(values, isSmaller),
  max_over_time: ({ values }) => extreme(values, isGreater),
  count_over_time: ({ values }) => values.length,
  last_over_time: ({ values }) => lastOf(values),
  present_over_time: () => 1,
  stddev_over_time: ({ values }) => Math.sqrt(varianceOf(values)),
  stdvar_over_time: ({ values }) => varianceOf(values),
  quantile_over_time: ({ values, parameter }) => quantileOf(parameter, values),
};
