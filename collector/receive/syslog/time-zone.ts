import { SextantError } from '../../../errors/sextant-error.ts';

/** Reads wall-clock times of one time zone. */
export interface TimeZone {
  /** Milliseconds since 1970 for a wall-clock time, which is given as if it were UTC. */
  toUnixMs(wallClockMs: number): number;
}

/** No zone changes its offset more often than on a quarter of an hour. */
const quarterMs = 15 * 60_000;

/** A zone of the IANA database, or UTC. Throws SX_CONFIG_INVALID for any other name. */
export function openTimeZone(name: string): TimeZone {
  let format: Intl.DateTimeFormat;
  try {
    const twoDigits = {
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone: name, hourCycle: 'h23', year: 'numeric', ...twoDigits });
  } catch (cause) {
    throw new SextantError('SX_CONFIG_INVALID', `collector.syslog.zone: “${name}” is no time zone`, {
      cause,
      nextStep: 'write a name of the IANA database such as Europe/Berlin, or UTC',
    });
  }
  if (format.resolvedOptions().timeZone === 'UTC') return { toUnixMs: (wallClockMs) => wallClockMs };

  const offsetAt = (unixMs: number): number => {
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(unixMs)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(unixMs / 1000) * 1000;
  };
  // Messages come in order, so that the last answer is nearly always the next one too.
  let knownQuarter = Number.NaN;
  let knownOffset = 0;
  return {
    toUnixMs(wallClockMs) {
      const quarter = Math.floor(wallClockMs / quarterMs);
      if (quarter !== knownQuarter) {
        // An hour that is there twice is taken as the second one, an hour that is not there as the one before.
        knownOffset = offsetAt(wallClockMs - offsetAt(wallClockMs));
        knownQuarter = quarter;
      }
      return wallClockMs - knownOffset;
    },
  };
}
