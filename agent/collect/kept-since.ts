import { type CoverageSource, maxGapsPerSource } from '../../bundle/coverage.ts';
import { formatTime } from '../../bundle/report-format.ts';

/** Samples come every few seconds, so what is missing for longer was never measured. */
const leastMs = 2 * 60_000;

/**
 * Tells in these sources of the part of the window before the first sample that a node has kept (the first of its metrics): its agent was not there yet, or not running.
 * Where samples are missing for another reason (thinned, dropped) that is told already.
 */
export function noteKeptSince(
  sources: readonly CoverageSource[],
  { first, state }: Pick<CoverageSource, 'first' | 'state'>,
  { fromUnixMs }: { fromUnixMs: number },
): void {
  if (first === null || state !== 'ok' || Date.parse(first) - fromUnixMs < leastMs) return;
  for (const source of sources) {
    const gap = {
      kind: 'silence' as const,
      from: new Date(fromUnixMs).toISOString(),
      until: new Date(Date.parse(first)).toISOString(),
      what: `the first sample that this node has is of ${formatTime(first)}: its agent was not there before, or did not run; of before there is only what it read later`,
    };
    source.gaps = [gap, ...(source.gaps ?? [])].slice(0, maxGapsPerSource);
  }
}
