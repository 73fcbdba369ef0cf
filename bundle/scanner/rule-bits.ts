/** A set of rules as bits of three numbers, 31 in each, which V8 keeps as small integers. */
export interface RuleBits {
  low: number;
  middle: number;
  high: number;
}

const bitsEach = 31;
/** As many as there are bits for. */
export const maxRules = 3 * bitsEach;

export const noRules = (): RuleBits => ({ low: 0, middle: 0, high: 0 });

export function addRule(to: RuleBits, rule: number): void {
  if (rule < bitsEach) to.low |= 1 << rule;
  else if (rule < 2 * bitsEach) to.middle |= 1 << (rule - bitsEach);
  else to.high |= 1 << (rule - 2 * bitsEach);
}

export function hasRule({ low, middle, high }: RuleBits, rule: number): boolean {
  if (rule < bitsEach) return (low & (1 << rule)) !== 0;
  if (rule < 2 * bitsEach) return (middle & (1 << (rule - bitsEach))) !== 0;
  return (high & (1 << (rule - 2 * bitsEach))) !== 0;
}
