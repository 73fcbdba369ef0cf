/** A number as Prometheus writes it: as many digits as it takes, `NaN`, `+Inf`, `-Inf`. */
export function printValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return Object.is(value, -0) ? '-0' : String(value);
}
