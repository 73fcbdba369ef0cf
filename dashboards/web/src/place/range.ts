import { computed } from '@preact/signals';
import type { Zone } from '../time/civil.ts';
import { parseDuration, sayDuration, writeDuration } from '../time/duration.ts';
import { formatClock, formatDate } from '../time/format-time.ts';
import { nowMs } from './clock.ts';
import { evidence } from './evidence.ts';
import { place, setParams } from './location.ts';

export type Range = { kind: 'relative'; spanMs: number } | { kind: 'absolute'; fromMs: number; untilMs: number };

export const presets = ['5m', '15m', '30m', '1h', '3h', '6h', '12h', '24h', '2d', '7d', '30d'] as const;
export const defaultSince = '30m';

/** Narrower than this a zoom shows nothing that the wider view did not. */
const leastSpanMs = 1000;

function rangeOf(since: string, until: string | null): Range {
  const spanMs = parseDuration(since);
  if (spanMs !== undefined) return { kind: 'relative', spanMs };
  const fromMs = Date.parse(since);
  const untilMs = until === null ? Date.now() : Date.parse(until);
  if (Number.isFinite(fromMs) && Number.isFinite(untilMs) && fromMs < untilMs)
    return { kind: 'absolute', fromMs, untilMs };
  return { kind: 'relative', spanMs: parseDuration(defaultSince) ?? 0 };
}

// Of evidence the whole window, until the reader asks for something else.
const since = computed(() => place.value.params.get('since') ?? evidence.value?.from ?? defaultSince);
const until = computed(() =>
  place.value.params.has('since') ? place.value.params.get('until') : (evidence.value?.until ?? null),
);

export const range = computed<Range>(() => rangeOf(since.value, until.value));

/** The range in Unix milliseconds; moves with the clock while it is relative and playing. */
export const span = computed<{ fromMs: number; untilMs: number }>(() =>
  range.value.kind === 'absolute'
    ? { fromMs: range.value.fromMs, untilMs: range.value.untilMs }
    : { fromMs: nowMs.value - range.value.spanMs, untilMs: nowMs.value },
);

/** Says which range is asked for, and does not change while the clock runs. */
export const rangeKey = computed(() => `${since.value}/${until.value ?? ''}`);

export const zone = computed<Zone>(() => (place.value.params.get('zone') === 'utc' ? 'utc' : 'browser'));

/** The same range for the API. */
export const spanQuery = (): { since: string; until: string } => ({
  since: new Date(span.value.fromMs).toISOString(),
  until: new Date(span.value.untilMs).toISOString(),
});

export function showRange(next: { since: string; until: string | null }): void {
  setParams({ since: next.since, until: next.until });
}

/** Shows exactly this stretch; a step that the back button undoes. */
export function zoomTo(fromMs: number, untilMs: number): void {
  const middle = (fromMs + untilMs) / 2;
  const half = Math.max(untilMs - fromMs, leastSpanMs) / 2;
  showRange({
    since: new Date(Math.round(middle - half)).toISOString(),
    until: new Date(Math.round(middle + half)).toISOString(),
  });
}

/** Moves by a part of the range's own width: -0.5 is half a screen back. */
export function moveBy(part: number): void {
  const { fromMs, untilMs } = span.value;
  const width = untilMs - fromMs;
  zoomTo(fromMs + width * part, untilMs + width * part);
}

/** Three times as wide around the same middle, not beyond now; a relative range stays relative. */
export function zoomOut(): void {
  const present = range.value;
  if (present.kind === 'relative') {
    showRange({ since: writeDuration(present.spanMs * 3), until: null });
    return;
  }
  const { fromMs, untilMs } = present;
  const width = untilMs - fromMs;
  zoomTo(fromMs - width, Math.min(untilMs + width, Math.max(Date.now(), untilMs)));
}

/** What the button in the header says. */
export const rangeLabel = computed(() => {
  const present = range.value;
  if (present.kind === 'relative') return `Last ${sayDuration(present.spanMs)}`;
  const [fromDay, untilDay] = [formatDate(present.fromMs, zone.value), formatDate(present.untilMs, zone.value)];
  const [from, to] = [formatClock(present.fromMs, zone.value), formatClock(present.untilMs, zone.value)];
  const today = formatDate(Date.now(), zone.value);
  if (fromDay === untilDay) return fromDay === today ? `${from} – ${to}` : `${fromDay} ${from} – ${to}`;
  return `${fromDay} ${from.slice(0, 5)} – ${untilDay} ${to.slice(0, 5)}`;
});
