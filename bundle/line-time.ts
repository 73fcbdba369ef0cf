const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const iso = /\b(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9}))?[ ]?(Z|[+-]\d{2}:?\d{2})?/;
const syslog =
  /^(?:<\d{1,3}>)?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[ ]{1,2}(\d{1,2}) (\d{2}:\d{2}:\d{2})\b/;

/**
 * Time at the beginning of a log line in Unix milliseconds: ISO 8601 or classic syslog; undefined when it has none.
 * A time without a zone is this machine's local time; a syslog time without a year is the latest one not after `nowMs`.
 */
export function lineTime(line: string, nowMs: number): number | undefined {
  const start = line.slice(0, 120);
  const full = iso.exec(start);
  if (full) {
    const zone = full[4]?.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2') ?? '';
    const ms = Date.parse(`${full[1]}T${full[2]}.${(full[3] ?? '0').slice(0, 3).padEnd(3, '0')}${zone}`);
    return Number.isNaN(ms) ? undefined : ms;
  }
  const short = syslog.exec(start);
  if (!short?.[1] || !short[2] || !short[3]) return undefined;
  const [hours, minutes, seconds] = short[3].split(':').map(Number);
  const inYear = (year: number): number =>
    new Date(year, months.indexOf(short[1] ?? ''), Number(short[2]), hours, minutes, seconds).getTime();
  const year = new Date(nowMs).getFullYear();
  // A day of margin: the clock that wrote it may be ahead.
  const ms = inYear(year) > nowMs + 86_400_000 ? inYear(year - 1) : inYear(year);
  return Number.isNaN(ms) ? undefined : ms;
}
