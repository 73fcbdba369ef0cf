import { type CoverageSource, maxGapsPerSource } from '../../bundle/coverage.ts';
import { formatTime } from '../../bundle/report-format.ts';
import type { AuditTrail } from '../state/audit.ts';
import type { Window } from './node-window.ts';

/** More nodes than a site has. */
const mostEntries = 10_000;
const sources: readonly string[] = ['telemetry/logs', 'telemetry/metrics'];

/** Nodes that were not known when the window began, and when each was enrolled. One that enrols again was known before. */
export function firstEnrolled(audit: Pick<AuditTrail, 'list'>, { fromUnixMs }: Window): Map<string, number> {
  const entries = audit.list({ event: 'node.enrolled', sinceUnixMs: fromUnixMs, limit: mostEntries });
  return new Map(
    entries.filter(({ details }) => details.again !== true).map(({ who, at }) => [who, Date.parse(at)] as const),
  );
}

/**
 * Tells of the part of the window in which a node was not known: nothing of it was lost, and questions about it have no answer.
 * Returns the sources that changed.
 */
export function noteBeforeEnrolment(
  all: readonly CoverageSource[],
  { fromUnixMs, untilUnixMs, enrolledMs }: Window & { enrolledMs(node: string): number | undefined },
): CoverageSource[] {
  return all.filter((source) => {
    const knownMs = enrolledMs(source.node);
    if (knownMs === undefined || knownMs <= fromUnixMs) return false;
    if (!sources.includes(source.source) || source.state === 'failed') return false;
    const known = new Date(knownMs).toISOString();
    const gap = {
      kind: 'before-enrolment' as const,
      from: new Date(fromUnixMs).toISOString(),
      until: new Date(Math.min(knownMs, untilUnixMs)).toISOString(),
      what: `the node was enrolled on ${formatTime(known)}; of before there is only what it still had and sent then`,
    };
    source.gaps = [gap, ...(source.gaps ?? [])].slice(0, maxGapsPerSource);
    return true;
  });
}
