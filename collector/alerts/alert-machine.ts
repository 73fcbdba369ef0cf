import type { AlertRule } from './alert-rule.ts';

/** What is remembered of one rule, node and subject between evaluations. */
export interface TrackedAlert {
  state: 'pending' | 'firing';
  /** When the value went beyond the limit. */
  sinceMs: number;
  value: number;
  /** When there last was a value. */
  valueAtMs: number;
}

export type Step =
  | { kind: 'quiet' }
  | { kind: 'keep'; alert: TrackedAlert }
  /** Went beyond the limit just now. */
  | { kind: 'pending'; alert: TrackedAlert }
  | { kind: 'firing'; alert: TrackedAlert }
  /** Pending, and within the limit again before the hold time was over; never was an alert. */
  | { kind: 'dropped' }
  | { kind: 'resolved'; alert: TrackedAlert; reason: string };

type Bounds = Pick<AlertRule, 'limit' | 'clearAt' | 'countsDown' | 'holdForMs' | 'goneAfterMs'>;

const isBeyond = (value: number, { limit, countsDown }: Bounds): boolean =>
  countsDown ? value < limit : value > limit;
const isWithin = (value: number, { clearAt, countsDown }: Bounds): boolean =>
  countsDown ? value >= clearAt : value <= clearAt;

/**
 * One step of an alert's life: pending → firing → resolved. `value` is undefined when there is none this time; that
 * alone never resolves an alert, only a long absence does, and it says so.
 */
export function stepAlert(
  before: TrackedAlert | undefined,
  value: number | undefined,
  rule: Bounds,
  nowMs: number,
): Step {
  if (value === undefined) return stepWithoutValue(before, rule, nowMs);
  if (!before) {
    if (!isBeyond(value, rule)) return { kind: 'quiet' };
    const alert = { sinceMs: nowMs, value, valueAtMs: nowMs };
    return rule.holdForMs === 0
      ? { kind: 'firing', alert: { ...alert, state: 'firing' } }
      : { kind: 'pending', alert: { ...alert, state: 'pending' } };
  }
  const alert: TrackedAlert = { ...before, value, valueAtMs: nowMs };
  if (before.state === 'pending') {
    if (!isBeyond(value, rule)) return { kind: 'dropped' };
    if (nowMs - before.sinceMs >= rule.holdForMs) return { kind: 'firing', alert: { ...alert, state: 'firing' } };
    return { kind: 'keep', alert };
  }
  if (isWithin(value, rule)) return { kind: 'resolved', alert, reason: 'back within its limit' };
  return { kind: 'keep', alert };
}

function stepWithoutValue(before: TrackedAlert | undefined, rule: Bounds, nowMs: number): Step {
  if (!before) return { kind: 'quiet' };
  if (nowMs - before.valueAtMs <= rule.goneAfterMs) return { kind: 'keep', alert: before };
  if (before.state === 'pending') return { kind: 'dropped' };
  return { kind: 'resolved', alert: before, reason: 'no value any more: what it was about is gone' };
}
