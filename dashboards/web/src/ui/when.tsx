import { nowMs } from '../place/clock.ts';
import { zone } from '../place/range.ts';
import { sayDuration } from '../time/duration.ts';
import { formatDateTime, zoneLabel } from '../time/format-time.ts';

/** A moment as its distance from now; the exact time on hover. */
export function Ago({ at }: { at: string | number | null }) {
  if (at === null) return <span class="muted">never</span>;
  const unixMs = typeof at === 'number' ? at : Date.parse(at);
  const exact = `${formatDateTime(unixMs, zone.value)} ${zoneLabel(zone.value, unixMs)}`;
  const ageMs = nowMs.value - unixMs;
  return (
    <time dateTime={new Date(unixMs).toISOString()} title={exact}>
      {ageMs < 2000 ? 'now' : `${sayDuration(ageMs)} ago`}
    </time>
  );
}

/** A moment in full. */
export function At({ at }: { at: string | number | null }) {
  if (at === null) return <span class="muted">–</span>;
  const unixMs = typeof at === 'number' ? at : Date.parse(at);
  return <time dateTime={new Date(unixMs).toISOString()}>{formatDateTime(unixMs, zone.value)}</time>;
}
