/** How far a line's own time may lie from now to be believed. */
const believable = { pastMs: 30 * 86_400_000, futureMs: 3_600_000 };

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const iso = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?(?![\d:])/;
const syslog = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) /;
/** `2026-11-20T08:15:30`, to the second; `Nov 20 08:15:30 `, with the space. */
const prefixBytes = { iso: 19, syslog: 16 };
/** The longest time there is, and the character behind it. */
const longest = 36;

/**
 * Reads the time at the beginning of a line when it is surely right: RFC 3339 with a zone; ISO 8601 without one when
 * this machine runs on UTC; a syslog time (RFC 3164, always the machine's own zone).
 *
 * Neighbouring lines share their second: its bytes are compared before anything is parsed.
 */
export class LineTime {
  /** Unix time that `read` found. */
  seconds = 0;
  nanos = 0;
  /** Bytes of the line that are its time; 0 when it begins with none. */
  bytes = 0;
  readonly #nowMs: () => number;
  readonly #prefix = Buffer.alloc(prefixBytes.iso);
  #prefixLength = 0;
  /** Zone of the remembered ISO time as bytes. */
  #zone = Buffer.alloc(0);

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** True when the line in `[start, end)` begins with a time to be believed. */
  read(bytes: Buffer, start: number, end: number): boolean {
    this.bytes = 0;
    const first = bytes[start] as number;
    // A digit, then a capital letter: anything else cannot be a time and costs nothing.
    const isIso = first >= 48 && first <= 57;
    if (end - start < prefixBytes.syslog || (!isIso && (first < 65 || first > 90))) return false;
    if (this.#again(bytes, start, end)) return true;
    const text = bytes.toString('latin1', start, Math.min(end, start + longest));
    return isIso ? this.#isoTime(text) : this.#syslogTime(text);
  }

  /** Whether the remembered second is this line's too. */
  #again(bytes: Buffer, start: number, end: number): boolean {
    const length = this.#prefixLength;
    if (length === 0 || end - start < length) return false;
    // From the end: it is seconds that differ.
    for (let index = length - 1; index >= 0; index -= 1) {
      if (bytes[start + index] !== this.#prefix[index]) return false;
    }
    if (length === prefixBytes.syslog) {
      this.nanos = 0;
      this.bytes = length - 1;
      return true;
    }
    let at = start + length;
    let nanos = 0;
    const mark = bytes[at];
    if (at < end && (mark === 46 || mark === 44)) {
      let digits = 0;
      for (at += 1; at < end && digits < 9; digits += 1, at += 1) {
        const digit = (bytes[at] as number) - 48;
        if (digit < 0 || digit > 9) break;
        nanos = nanos * 10 + digit;
      }
      if (digits === 0) return false;
      for (; digits < 9; digits += 1) nanos *= 10;
    }
    const zone = this.#zone;
    for (let index = 0; index < zone.length; index += 1, at += 1) {
      if (at >= end || bytes[at] !== zone[index]) return false;
    }
    const next = at < end ? (bytes[at] as number) : 32;
    // More digits or another zone: not the form that was remembered.
    if ((next >= 48 && next <= 58) || (zone.length === 0 && (next === 90 || next === 43 || next === 45))) return false;
    this.nanos = nanos;
    this.bytes = at - start;
    return true;
  }

  #isoTime(text: string): boolean {
    const found = iso.exec(text);
    if (!found) return false;
    const [, date = '', time = '', fraction = '', zone = ''] = found;
    let milliseconds: number;
    if (zone === '') {
      const local = new Date(`${date}T${time}`);
      if (local.getTimezoneOffset() !== 0) return false;
      milliseconds = local.getTime();
    } else {
      const colonZone = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
      milliseconds = Date.parse(`${date}T${time}${colonZone}`);
    }
    if (!this.#believe(milliseconds / 1000)) return false;
    this.nanos = fraction === '' ? 0 : Number(fraction.padEnd(9, '0'));
    this.bytes = found[0].length;
    this.#remember(text, prefixBytes.iso, zone);
    return true;
  }

  #syslogTime(text: string): boolean {
    const found = syslog.exec(text);
    const month = months.indexOf(found?.[1] ?? '');
    if (!found || month < 0) return false;
    const now = new Date(this.#nowMs());
    const inYear = (year: number) =>
      new Date(year, month, Number(found[2]), Number(found[3]), Number(found[4]), Number(found[5])).getTime() / 1000;
    // The year is not written; in January a line from December is last year's.
    if (!this.#believe(inYear(now.getFullYear())) && !this.#believe(inYear(now.getFullYear() - 1))) return false;
    this.nanos = 0;
    this.bytes = prefixBytes.syslog - 1;
    this.#remember(text, prefixBytes.syslog, '');
    return true;
  }

  #believe(seconds: number): boolean {
    const aheadMs = seconds * 1000 - this.#nowMs();
    if (!(aheadMs <= believable.futureMs && -aheadMs <= believable.pastMs)) return false;
    this.seconds = seconds;
    return true;
  }

  #remember(text: string, length: number, zone: string): void {
    this.#prefix.write(text, 0, length, 'latin1');
    this.#prefixLength = length;
    this.#zone = Buffer.from(zone, 'latin1');
  }
}
