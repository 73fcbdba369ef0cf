import type { HrTime } from '@opentelemetry/api';

/** How far a line's own time may lie from now to be believed. */
const believable = { pastMs: 30 * 86_400_000, futureMs: 3_600_000 };

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const iso = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?(?![\d:])/;
const syslog = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) /;

/**
 * Reads the time at the beginning of a line when it is surely right: RFC 3339 with a zone; ISO 8601 without one when
 * this machine runs on UTC; a syslog time (RFC 3164, always the machine's own zone). Remembers the last second, since
 * neighbouring lines share it.
 */
export function createLineTime(nowMs: () => number): (line: string) => HrTime | undefined {
  let lastPrefix = '';
  let lastSeconds = 0;

  function believe(seconds: number): number | undefined {
    const aheadMs = seconds * 1000 - nowMs();
    return aheadMs > believable.futureMs || -aheadMs > believable.pastMs ? undefined : seconds;
  }

  function isoTime(line: string): HrTime | undefined {
    const found = iso.exec(line);
    if (!found) return undefined;
    const [, date = '', time = '', fraction = '', zone = ''] = found;
    const prefix = `${date}T${time}${zone}`;
    if (prefix !== lastPrefix) {
      let milliseconds: number;
      if (zone === '') {
        const local = new Date(`${date}T${time}`);
        if (local.getTimezoneOffset() !== 0) return undefined;
        milliseconds = local.getTime();
      } else
        milliseconds = Date.parse(zone.length === 5 ? `${date}T${time}${zone.slice(0, 3)}:${zone.slice(3)}` : prefix);
      if (Number.isNaN(milliseconds)) return undefined;
      const seconds = believe(milliseconds / 1000);
      if (seconds === undefined) return undefined;
      lastPrefix = prefix;
      lastSeconds = seconds;
    }
    return [lastSeconds, fraction === '' ? 0 : Number(fraction.padEnd(9, '0'))];
  }

  function syslogTime(line: string): HrTime | undefined {
    const prefix = line.slice(0, 16);
    if (prefix === lastPrefix) return [lastSeconds, 0];
    const found = syslog.exec(prefix);
    const month = months.indexOf(found?.[1] ?? '');
    if (!found || month < 0) return undefined;
    const now = new Date(nowMs());
    const inYear = (year: number) =>
      new Date(year, month, Number(found[2]), Number(found[3]), Number(found[4]), Number(found[5])).getTime() / 1000;
    // The year is not written; in January a line from December is last year's.
    const seconds = believe(inYear(now.getFullYear())) ?? believe(inYear(now.getFullYear() - 1));
    if (seconds === undefined) return undefined;
    lastPrefix = prefix;
    lastSeconds = seconds;
    return [seconds, 0];
  }

  return (line) => {
    const first = line.charCodeAt(0);
    // A digit, then a capital letter: anything else cannot be a time and costs nothing.
    if (first >= 48 && first <= 57) return isoTime(line);
    if (first >= 65 && first <= 90) return syslogTime(line);
    return undefined;
  };
}
