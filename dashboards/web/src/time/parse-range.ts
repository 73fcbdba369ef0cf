import { type Civil, civilOf, unixMsOf, type Zone } from './civil.ts';
import { parseDuration, writeDuration } from './duration.ts';

/** What the address and the API call `since` and `until`. A relative range has no end: it ends now. */
export interface RangeText {
  since: string;
  until: string | null;
}

const dayMs = 86_400_000;
const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/;
const instant = /^\d{4}-\d{2}-\d{2}[t ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(z|[+-]\d{2}:\d{2})$/i;

const absolute = (fromMs: number, untilMs: number): RangeText | undefined =>
  Number.isFinite(fromMs) && Number.isFinite(untilMs) && fromMs < untilMs
    ? { since: new Date(fromMs).toISOString(), until: new Date(untilMs).toISOString() }
    : undefined;

/** A day named in words or digits: its midnight as a wall-clock time. */
function dayNamed(text: string, nowMs: number, zone: Zone): Civil | undefined {
  const midnight = (unixMs: number): Civil => ({ ...civilOf(unixMs, zone), hour: 0, minute: 0, second: 0 });
  if (text === '' || text === 'today') return midnight(nowMs);
  if (text === 'yesterday') {
    const today = midnight(nowMs);
    return { ...civilOf(unixMsOf({ ...today, day: today.day - 1 }, zone), zone) };
  }
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return undefined;
  return { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]), hour: 0, minute: 0, second: 0 };
}

/** One end of a range. Without a day it lies on `base`, the day of the other end. */
function endAt(
  text: string,
  base: Civil | undefined,
  nowMs: number,
  zone: Zone,
): { unixMs: number; day: Civil } | undefined {
  if (text === 'now') return { unixMs: nowMs, day: civilOf(nowMs, zone) };
  if (instant.test(text)) {
    const unixMs = Date.parse(text.replace(' ', 'T').toUpperCase());
    return { unixMs, day: { ...civilOf(unixMs, zone), hour: 0, minute: 0, second: 0 } };
  }
  const words = text.split(/[ t](?=\d)/).map((word) => word.trim());
  const last = clock.exec(words.at(-1) ?? '');
  const dayText = last ? words.slice(0, -1).join(' ') : text;
  const day = dayText === '' && base ? base : dayNamed(dayText, nowMs, zone);
  if (!day) return undefined;
  const [hour, minute, second] = [Number(last?.[1] ?? 0), Number(last?.[2] ?? 0), Number(last?.[3] ?? 0)];
  if (hour > 24 || minute > 59 || second > 59) return undefined;
  return { unixMs: unixMsOf({ ...day, hour, minute, second }, zone), day };
}

/**
 * Reads what a person types for a range of time.
 *
 * `15m`, `last 3 h`, `1h30m`; `today`, `yesterday`, `2026-11-20`; `14:00-15:00`, `yesterday 14:00–15:00`,
 * `2026-11-20 22:00 to 2026-11-21 02:00`, `since 14:00`; RFC 3339 instants. Wall-clock times are in `zone`.
 * Returns undefined for anything else.
 */
export function parseRange(input: string, nowMs: number, zone: Zone): RangeText | undefined {
  const text = input.trim().toLowerCase().replace(/\s+/g, ' ');
  if (text === '') return undefined;
  const span = parseDuration(text.replace(/^(the )?(last|past) /, ''));
  if (span !== undefined) return { since: writeDuration(span), until: null };

  const open = /^since (.+)$/.exec(text);
  if (open?.[1]) {
    const from = endAt(open[1], undefined, nowMs, zone);
    return from && absolute(from.unixMs, nowMs);
  }
  const parts = text.split(/ ?(?:–|—|\bto\b|\/|\.\.) ?| - |(?<=\d:\d{2}(?::\d{2})?)-(?=\d{1,2}:)/);
  if (parts.length > 2) return undefined;
  const from = endAt(parts[0] ?? '', undefined, nowMs, zone);
  if (!from) return undefined;
  if (parts.length === 1) {
    const whole = dayNamed(text, nowMs, zone);
    if (!whole) return undefined;
    const end = unixMsOf({ ...whole, day: whole.day + 1 }, zone);
    return absolute(from.unixMs, Math.min(end, Math.max(nowMs, from.unixMs + 1)));
  }
  const until = endAt(parts[1] ?? '', from.day, nowMs, zone);
  if (!until) return undefined;
  // `22:00-02:00` crosses midnight.
  const clocksOnly = clock.test(parts[1] ?? '');
  const untilMs = clocksOnly && until.unixMs <= from.unixMs ? until.unixMs + dayMs : until.unixMs;
  return absolute(from.unixMs, untilMs);
}
