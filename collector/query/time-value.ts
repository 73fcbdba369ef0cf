import { SextantError } from '../../errors/sextant-error.ts';

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Milliseconds of a text like `30s`, `15m`, `2h`, `3d`; undefined when it is none. */
export function parseDurationMs(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d|w)$/.exec(text);
  if (!match) return undefined;
  return Math.round(Number(match[1]) * (unitMs[match[2] ?? ''] ?? Number.NaN));
}

const rfc3339 = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2})?)(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})?)?$/;

/** Latest time that DateTime64(9) can hold: 2262-04-11. */
const maxUnixMs = 9_223_372_036_000;

/**
 * Nanoseconds since the Unix epoch of a point in time: an age (`15m`, `2h`, `3d` before now), `now`, RFC 3339
 * (UTC where no offset is given; the time of day may be absent) or milliseconds since the Unix epoch.
 * Throws SX_BAD_REQUEST that names the field.
 */
export function parseTime(text: string, nowMs: number, field = 'time'): bigint {
  if (text === 'now') return BigInt(nowMs) * 1_000_000n;
  const ageMs = parseDurationMs(text);
  if (ageMs !== undefined) return BigInt(Math.max(0, Math.round(nowMs - ageMs))) * 1_000_000n;
  if (/^\d{10,16}$/.test(text) && Number(text) <= maxUnixMs) return BigInt(text) * 1_000_000n;
  const match = rfc3339.exec(text);
  if (match) {
    const [, date, time = '00:00:00', fraction = '', zone = 'Z'] = match;
    const unixMs = Date.parse(`${date}T${time.length === 5 ? `${time}:00` : time}${zone.toUpperCase()}`);
    if (unixMs >= 0 && unixMs <= maxUnixMs) {
      return BigInt(unixMs) * 1_000_000n + BigInt(fraction.slice(1).padEnd(9, '0'));
    }
  }
  throw new SextantError('SX_BAD_REQUEST', `${field}: cannot read “${text}” as a time`, {
    nextStep:
      'write an age such as 15m, 2h or 3d, an RFC 3339 time such as 2026-11-20T10:00:00Z, or epoch milliseconds',
  });
}

/** A half-open range of time, `since ≤ t < until`. */
export interface TimeRange {
  sinceUnixNano: bigint;
  untilUnixNano: bigint;
}

/** Reads `since` (an hour ago when absent) and `until` (now when absent). Throws SX_BAD_REQUEST when they are in the wrong order. */
export function parseRange(since: string | undefined, until: string | undefined, nowMs: number): TimeRange {
  const untilUnixNano = parseTime(until ?? 'now', nowMs, 'until');
  const sinceUnixNano = parseTime(since ?? '1h', nowMs, 'since');
  if (sinceUnixNano >= untilUnixNano) {
    throw new SextantError('SX_BAD_REQUEST', 'since: lies at or after until', {
      nextStep: 'let since lie before until, which is now when absent',
    });
  }
  return { sinceUnixNano, untilUnixNano };
}

/** Parameters of the statements that read a range. */
export function rangeParameters(range: TimeRange): Record<string, string> {
  return { since: String(range.sinceUnixNano), until: String(range.untilUnixNano) };
}
