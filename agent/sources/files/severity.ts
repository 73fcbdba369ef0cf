import { SeverityNumber } from '@opentelemetry/api-logs';

/** As a line states it: the number of the data model and the line's own word. */
export interface Severity {
  readonly number: SeverityNumber;
  readonly text: string;
}

/** Levels stand near the beginning; looking further costs more and finds words of the message. */
const lookAt = 120;

const numbers: Readonly<Record<string, SeverityNumber>> = {
  trace: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  information: SeverityNumber.INFO,
  notice: SeverityNumber.INFO2,
  warn: SeverityNumber.WARN,
  warning: SeverityNumber.WARN,
  err: SeverityNumber.ERROR,
  error: SeverityNumber.ERROR,
  crit: SeverityNumber.ERROR3,
  critical: SeverityNumber.ERROR3,
  alert: SeverityNumber.FATAL,
  emerg: SeverityNumber.FATAL3,
  fatal: SeverityNumber.FATAL,
  panic: SeverityNumber.FATAL3,
};

const all = 'trace debug info notice warn warning err error crit critical alert emerg fatal panic'.split(' ');
const known = (words: readonly string[]): ReadonlyMap<string, Severity> =>
  new Map(words.map((text) => [text, { text, number: numbers[text.toLowerCase()] ?? SeverityNumber.UNSPECIFIED }]));

/** A level counts when it is written as one: prose such as "no error found" must not become an error. */
const inCapitals = known(all.map((word) => word.toUpperCase()));
/** `[info]`, `<warn>`, `(error)`. */
const inBrackets = known(all);
/** `error: …` at the beginning, behind a space or a bracket. */
const beforeColon = known('debug info notice warning error critical fatal Warning Error Fatal'.split(' '));
/** `level=warn`, `"level":"warn"`. */
const keys: ReadonlySet<string> = new Set(['level', 'lvl', 'severity', 'loglevel']);

/** By byte: 0 is no part of a word, 1 is, 2 may begin one that matters. */
const kinds = new Uint8Array(256);
for (const byte of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_')) kinds[byte] = 1;
for (const map of [inCapitals, inBrackets, beforeColon, keys]) {
  for (const word of map.keys()) kinds[word.charCodeAt(0)] = 2;
}
const longestWord = 8;
const [space, quote, colon, equals] = [32, 34, 58, 61];
const opening = new Set(Buffer.from('[<('));
const closing = new Set(Buffer.from('])>'));

/** Severity that the line in `[start, end)` states itself: the first that it has; undefined when it states none. */
export function guessSeverity(bytes: Buffer, start: number, end: number): Severity | undefined {
  const limit = Math.min(end, start + lookAt);
  for (let at = start; at < limit; ) {
    const kind = kinds[bytes[at] as number];
    if (kind === 0) {
      at += 1;
      continue;
    }
    const word = at;
    do at += 1;
    while (at < limit && kinds[bytes[at] as number] !== 0);
    if (kind === 1 || at - word > longestWord || at - word < 3) continue;
    const text = bytes.toString('latin1', word, at);
    const capital = inCapitals.get(text);
    if (capital) return capital;
    const next = at < limit ? (bytes[at] as number) : 0;
    const before = word > start ? (bytes[word - 1] as number) : space;
    if (opening.has(before) && closing.has(next)) {
      const found = inBrackets.get(text);
      if (found) return found;
    }
    if (next === colon && bytes[at + 1] === space && at + 1 < limit && (before === space || before === 93)) {
      const found = beforeColon.get(text);
      if (found) return found;
    }
    if (keys.has(text)) {
      const value = levelAt(bytes, at, limit);
      if (value !== undefined) return severityOf(value);
    }
  }
  return undefined;
}

/** The word behind `level`, `"level"`, as far as `=` or `:` stands between. */
function levelAt(bytes: Buffer, at: number, limit: number): string | undefined {
  if (bytes[at] === quote) at += 1;
  if (bytes[at] !== equals && bytes[at] !== colon) return undefined;
  at += 1;
  if (bytes[at] === space) at += 1;
  if (bytes[at] === quote) at += 1;
  const from = at;
  while (at < limit && isLetter(bytes[at] as number)) at += 1;
  return at > from && at <= limit ? bytes.toString('latin1', from, at) : undefined;
}

const isLetter = (byte: number): boolean => (byte | 32) >= 97 && (byte | 32) <= 122;

function severityOf(text: string): Severity | undefined {
  const number = numbers[text.toLowerCase()];
  return number === undefined ? undefined : { number, text };
}
