/**
 * How much each of several may have of a budget so that nobody who wants little is cut for one who wants much: everything
 * up to this level is given, what is above is cut. Infinity when all fit.
 */
export function fairShare(wants: readonly number[], budget: number): number {
  const ascending = [...wants].sort((a, b) => a - b);
  let left = Math.max(0, budget);
  for (const [at, want] of ascending.entries()) {
    const others = ascending.length - at;
    if (want * others > left) return Math.floor(left / others);
    left -= want;
  }
  return Number.POSITIVE_INFINITY;
}
