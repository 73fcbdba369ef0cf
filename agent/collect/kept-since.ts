import { type CoverageSource, maxGapsPerSource } from '../../bundle/coverage.ts';
import { formatTime } from '../../bundle/report-format.ts';

/** Samples come every few seconds, so what is missing for longer was never measured. */
const leastMs = 2 * 60_000;

/**
 * Tells of the part of the window before the first sample that a node has kept: its agent was not there yet, or not running.
 * Where samples are missing for another reason (thinned, dropped) that is told already.
 */
export function noteKeptSince(
  { logs, metrics }: { logs: CoverageSource; metrics: CoverageSource },
  { fromUnixMs }: { fromUnixMs: number },
): void {
  const { first, state } = metrics;
  if (first === null || state !== 'ok' || Date.parse(first) - fromUnixMs < leastMs) return;
  for (const source of [logs, metrics]) {
    const gap = {
      kind: 'silence' as const,
      from: new Date(fromUnixMs).toISOString(),
      until: new Date(Date.parse(first)).toISOString(),
      what: `the first sample that this node has is of ${formatTime(first)}: its agent was not there before, or did not run; of before there is only what it read later`,
    };
    source.gaps = [gap, ...(source.gaps ?? [])].slice(0, maxGapsPerSource);
  }
}
