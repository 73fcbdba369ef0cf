import type { HrTime } from '@opentelemetry/api';
import type { TimeZone } from './time-zone.ts';

/** A time at the front of a text, and where the text goes on. */
export interface ReadTime {
  time: HrTime;
  end: number;
}

export interface TimeContext {
  /** For times that tell no zone. */
  zone: TimeZone;
  /** For times that tell no year. */
  nowMs: number;
}

/** Nanoseconds since 1970 fit 64 bits until 2262, whatever the zone. */
const firstYear = 1971;
const lastYear = 2261;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const isoTime = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?(?![\d.])/;

/** RFC 3339, and without zone or with a space for the T, as devices write it. */
export function readIsoTime(text: string, context: TimeContext): ReadTime | undefined {
  const match = isoTime.exec(text);
  if (!match) return undefined;
  const [whole, year, month, day, hour, minute, second, fraction, offset] = match;
  const wallClockMs = wallClock(Number(year), Number(month) - 1, day, hour, minute, second);
  if (wallClockMs === undefined) return undefined;
  const unixMs = offset === undefined ? context.zone.toUnixMs(wallClockMs) : wallClockMs - offsetMs(offset);
  return { time: [unixMs / 1000, nanosOf(fraction)], end: whole.length };
}

/**
 * `Nov 20 12:13:14`, with what devices add: a mark for an unsynchronised clock (`*`, `.`), the year before the month or
 * behind the day, fractions, a zone's name before a colon (Cisco).
 */
const bsdTime =
  /^[*.]?(?:(\d{4}) )?([A-Z][a-z]{2}) {1,2}(\d{1,2})(?: (\d{4}))? (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?: (UTC|GMT|Z|[A-Z]{3,5}(?=:)))?(?=[\s:]|$)/;

/** The BSD time (RFC 3164, 4.1.2). Without a year it is the one that puts the time nearest to now. */
export function readBsdTime(text: string, context: TimeContext): ReadTime | undefined {
  const match = bsdTime.exec(text);
  if (!match) return undefined;
  const [whole, yearBefore, monthName = '', day, yearBehind, hour, minute, second, fraction, zoneName] = match;
  const month = months.indexOf(monthName);
  if (month === -1) return undefined;
  const toUnixMs = (wallClockMs: number): number =>
    zoneName === 'UTC' || zoneName === 'GMT' || zoneName === 'Z' ? wallClockMs : context.zone.toUnixMs(wallClockMs);
  const year = yearBefore ?? yearBehind;
  const thisYear = new Date(context.nowMs).getUTCFullYear();
  const candidates = (year === undefined ? [thisYear, thisYear - 1, thisYear + 1] : [Number(year)])
    .map((candidate) => wallClock(candidate, month, day, hour, minute, second))
    .filter((wallClockMs) => wallClockMs !== undefined)
    .sort((a, b) => Math.abs(a - context.nowMs) - Math.abs(b - context.nowMs));
  const nearest = candidates[0];
  if (nearest === undefined) return undefined;
  return { time: [toUnixMs(nearest) / 1000, nanosOf(fraction)], end: whole.length };
}

/** As if it were UTC; undefined for a day or an hour that is none. A leap second counts as the second after it. */
function wallClock(year: number, month: number, ...rest: (string | undefined)[]): number | undefined {
  const [day = 0, hour = 0, minute = 0, second = 0] = rest.map(Number);
  const date = new Date(Date.UTC(year, month, day, hour, minute, Math.min(second, 59)));
  const fits =
    date.getUTCMonth() === month &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    minute < 60 &&
    second < 61;
  if (!fits || year < firstYear || year > lastYear) return undefined;
  return date.getTime() + (second === 60 ? 1000 : 0);
}

const nanosOf = (fraction: string | undefined): number => Number((fraction ?? '').padEnd(9, '0'));

function offsetMs(written: string): number {
  if (written === 'Z') return 0;
  const minutes = Number(written.slice(1, 3)) * 60 + Number(written.slice(-2));
  return (written.startsWith('-') ? -minutes : minutes) * 60_000;
}
