import { type CoverageGap, type CoverageSource, maxGapsPerSource } from '../../bundle/coverage.ts';
import { formatDuration } from '../../bundle/report-format.ts';

/** Something was there from `firstMs` to `lastMs`. */
export interface Active {
  firstMs: number;
  lastMs: number;
}

export interface SilenceRule {
  /** No silence is told of one that spoke in fewer minutes than this. */
  minutes: number;
  /** So many times longer than usual. */
  factor: number;
  /** And no shorter than this. */
  leastMs: number;
}

/** Logs come in bursts: only what used to speak all the time can be missed. */
export const logSilence: SilenceRule = { minutes: 10, factor: 10, leastMs: 5 * 60_000 };
/** Samples come every few seconds, and are counted by the minute. */
export const metricSilence: SilenceRule = { minutes: 3, factor: 3, leastMs: 2 * 60_000 };

const minuteMs = 60_000;
const usualShare = 0.9;
const iso = (unixMs: number): string => new Date(unixMs).toISOString();

/**
 * Where a source that usually speaks did not, for much longer than its usual spacing; the ends of the window count too.
 * `active` is by minute, oldest first.
 */
export function silences(
  active: readonly Active[],
  window: { fromUnixMs: number; untilUnixMs: number },
  rule: SilenceRule,
  what: string,
): CoverageGap[] {
  const own = active.filter(({ lastMs }) => lastMs > window.fromUnixMs);
  const [first] = own;
  const last = own.at(-1);
  if (!first || !last || own.length < rule.minutes) return [];
  const between = own.slice(1).map((next, at) => [own[at]?.lastMs ?? next.firstMs, next.firstMs] as const);
  const ascending = between.map(([from, until]) => until - from).sort((a, b) => a - b);
  const usualMs = Math.max(ascending[Math.floor(usualShare * (ascending.length - 1))] ?? 0, minuteMs / 6);
  const mostMs = Math.max(rule.leastMs, usualMs * rule.factor);
  const spans = [[window.fromUnixMs, first.firstMs] as const, ...between, [last.lastMs, window.untilUnixMs] as const];
  return spans
    .filter(([from, until]) => until - from > mostMs)
    .map(([from, until]) => ({
      kind: 'silence',
      from: iso(from),
      until: iso(until),
      what: `${what} silent for ${formatDuration(until - from)}, usually for ${formatDuration(usualMs)} at most`,
    }));
}

/** Puts gaps into coverage. What is known to be lost makes the source partial; silence alone may be that there was nothing. */
export function noteGaps(source: CoverageSource, gaps: readonly CoverageGap[]): void {
  if (gaps.length === 0) return;
  source.gaps = gaps.slice(0, maxGapsPerSource);
  const lost = gaps.filter(({ kind }) => kind !== 'silence');
  if (lost.length > 0 && source.state === 'ok') {
    source.state = 'partial';
    source.reason = `${lost[0]?.what}${lost.length > 1 ? `; and ${lost.length - 1} more gaps` : ''}`;
  }
}
