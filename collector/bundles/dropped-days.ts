import { type CoverageSource, maxGapsPerSource } from '../../bundle/coverage.ts';
import type { AuditTrail } from '../state/audit.ts';
import type { DroppedDay } from '../store/retention.ts';
import { storedTables } from '../store/tables.ts';
import type { Window } from './node-window.ts';

type Dropped = Pick<DroppedDay, 'class' | 'day' | 'why'>;

const dayMs = 86_400_000;
/** A day for each class, for years. */
const mostEntries = 10_000;

const because = {
  age: (of: string) => `older than is kept (collector.retention.${of})`,
  cap: () => 'storage was above its limit (collector.storage.maxBytes)',
  space: () => 'the disk had too little free space (collector.storage.minFreeBytes)',
} as const satisfies Record<DroppedDay['why'], (of: string) => string>;

/** Days of stored telemetry that retention has dropped since the window began, as the audit has them. */
export const droppedDays = (audit: Pick<AuditTrail, 'list'>, { fromUnixMs }: Window): Dropped[] =>
  audit
    .list({ event: 'storage.dropped', sinceUnixMs: fromUnixMs, limit: mostEntries })
    .map(({ details }) => details as unknown as Dropped);

/**
 * Tells of days of the window that were stored and are not any more: the source is `rotated-away`, unless the node came to the
 * site later. Returns the sources that changed.
 */
export function noteDropped(
  sources: readonly CoverageSource[],
  dropped: readonly Dropped[],
  { fromUnixMs, untilUnixMs, enrolledMs }: Window & { enrolledMs(node: string): number | undefined },
): CoverageSource[] {
  const spans = dropped
    .map((one) => ({ ...one, fromMs: Date.parse(one.day), untilMs: Date.parse(one.day) + daysOf(one.class) * dayMs }))
    .filter(({ fromMs, untilMs }) => fromMs < untilUnixMs && untilMs > fromUnixMs)
    .sort((a, b) => a.fromMs - b.fromMs);
  const changed: CoverageSource[] = [];
  for (const source of sources) {
    const own = spans.filter(
      ({ class: of, untilMs }) =>
        source.source === `telemetry/${of}` && untilMs > (enrolledMs(source.node) ?? Number.NEGATIVE_INFINITY),
    );
    const [first] = own;
    const last = own.at(-1);
    if (!first || !last) continue;
    const reasons = [...new Set(own.map(({ why, class: of }) => because[why](of)))];
    const days = first.day === last.day ? first.day : `${first.day} to ${last.day}`;
    const what = `the collector has dropped what it had stored of ${days} (UTC): ${reasons.join(', ')}`;
    const [from, until] = [Math.max(first.fromMs, fromUnixMs), Math.min(last.untilMs, untilUnixMs)];
    const gap = {
      ...{ kind: 'lost' as const, what },
      ...{ from: new Date(from).toISOString(), until: new Date(until).toISOString() },
    };
    source.gaps = [gap, ...(source.gaps ?? [])].slice(0, maxGapsPerSource);
    if (source.state === 'ok' || source.state === 'absent')
      Object.assign(source, { state: 'rotated-away', reason: what });
    changed.push(source);
  }
  return changed;
}

const daysOf = (of: Dropped['class']): number => storedTables.find((table) => table.class === of)?.partitionDays ?? 1;
