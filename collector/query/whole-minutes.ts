import { rangeParameters, type TimeRange } from './time-value.ts';

/** What the projection counts_5m of otel_logs counts by. */
const unitSeconds = 300n;
/** The engine's five minutes end in 2106, as DateTime does. */
const lastSeconds = (4_294_967_295n / unitSeconds) * unitSeconds;

const seconds = (unixNano: bigint): bigint => unixNano / 1_000_000_000n;
const unitBefore = (unixNano: bigint): bigint => (seconds(unixNano) / unitSeconds) * unitSeconds;

/**
 * A range as parameters of a statement that takes its whole five minutes apart from its ends (`wholeSince`, `wholeUntil`,
 * seconds since the Unix epoch). Where there are none, or `stepMs` cuts finer, everything counts as an end.
 */
export function wholeMinutes(range: TimeRange, stepMs = 0): Record<string, string> {
  const until = [unitBefore(range.untilUnixNano), lastSeconds].reduce((a, b) => (a < b ? a : b));
  const since = unitBefore(range.sinceUnixNano + unitSeconds * 1_000_000_000n - 1n);
  const fits = since < until && BigInt(stepMs) % (unitSeconds * 1000n) === 0n;
  return { ...rangeParameters(range), wholeSince: String(fits ? since : until), wholeUntil: String(until) };
}
