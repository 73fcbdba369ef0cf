/** Arithmetic as Go does it: powers of one are one, whatever the exponent. */
const arithmetic: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b),
  atan2: Math.atan2,
};

const comparisons: Record<string, (a: number, b: number) => boolean> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
};

/**
 * The value of an operation on two numbers. A comparison gives 1 or 0 with `bool`; without it `kept` where it holds and
 * undefined, no value, where it does not.
 */
export function operation(operator: string, bool: boolean): (a: number, b: number, kept: number) => number | undefined {
  const calculate = arithmetic[operator];
  if (calculate) return calculate;
  const compare = comparisons[operator];
  if (!compare) throw new Error(`BUG: ${operator} is no operator`);
  if (bool) return (a, b) => Number(compare(a, b));
  return (a, b, kept) => (compare(a, b) ? kept : undefined);
}

/** Whether the name of a metric says nothing of the result any more. */
export const changesMeaning = (operator: string, bool: boolean): boolean => bool || operator in arithmetic;
