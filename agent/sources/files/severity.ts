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

/** What a word may say, by where it stands. */
interface Word {
  bytes: Buffer;
  capital: Severity | undefined;
  bracketed: Severity | undefined;
  beforeColon: Severity | undefined;
  isKey: boolean;
}

/** By hash over its bytes: a string for every word of every line would be most of the work. */
const words = new Map<number, Word>();
const hashOf = (bytes: Buffer): number => bytes.reduce((hash, byte) => (Math.imul(hash, 31) + byte) | 0, 0);
/** By byte: 0 is no part of a word, 1 is, 2 may begin one that matters. */
const kinds = new Uint8Array(256);
for (const byte of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_')) kinds[byte] = 1;
for (const text of new Set([...inCapitals.keys(), ...inBrackets.keys(), ...beforeColon.keys(), ...keys])) {
  const bytes = Buffer.from(text);
  if (words.has(hashOf(bytes))) throw new Error(`BUG: the hash of ${text} is another word's`);
  words.set(hashOf(bytes), {
    bytes,
    capital: inCapitals.get(text),
    bracketed: inBrackets.get(text),
    beforeColon: beforeColon.get(text),
    isKey: keys.has(text),
  });
  kinds[bytes[0] as number] = 2;
}
const longestWord = 8;
const [space, quote, colon, equals] = [32, 34, 58, 61];
const opening = new Set(Buffer.from('[<('));
const closing = new Set(Buffer.from('])>'));

/**
 * Severity that the line in `[start, end)` states itself: the first that it has; undefined when it states none. Up to
 * `from` the line is known to hold no word (its time).
 */
export function guessSeverity(bytes: Buffer, start: number, end: number, from = start): Severity | undefined {
  const limit = Math.min(end, start + lookAt);
  // What touches the time is one word with it.
  let at = from < limit && kinds[bytes[from] as number] === 0 ? from : start;
  while (at < limit) {
    const kind = kinds[bytes[at] as number];
    if (kind === 0) {
      at += 1;
      continue;
    }
    const word = at;
    let hash = 0;
    do {
      hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
      at += 1;
    } while (at < limit && kinds[bytes[at] as number] !== 0);
    if (kind === 1 || at - word > longestWord || at - word < 3) continue;
    const found = words.get(hash);
    if (found === undefined || !isWord(found.bytes, bytes, word, at)) continue;
    if (found.capital) return found.capital;
    const next = at < limit ? (bytes[at] as number) : 0;
    const before = word > start ? (bytes[word - 1] as number) : space;
    if (found.bracketed && opening.has(before) && closing.has(next)) return found.bracketed;
    if (found.beforeColon && next === colon && bytes[at + 1] === space && at + 1 < limit) {
      if (before === space || before === 93) return found.beforeColon;
    }
    if (found.isKey) {
      const value = levelAt(bytes, at, limit);
      if (value !== undefined) return severityOf(value);
    }
  }
  return undefined;
}

const klogLetters: Readonly<Record<string, Severity>> = {
  I: { text: 'I', number: SeverityNumber.INFO },
  W: { text: 'W', number: SeverityNumber.WARN },
  E: { text: 'E', number: SeverityNumber.ERROR },
  F: { text: 'F', number: SeverityNumber.FATAL },
};
const klog = /^([IWEF])\d{4} \d\d:/;
const klogBytes = 9;

/** Severity by the header of Kubernetes' own programs: `E1128 10:00:00.123456   1 main.go:12] …`. */
export function klogSeverity(bytes: Buffer, start: number, end: number): Severity | undefined {
  const letter = bytes[start] as number;
  if (letter < 69 || letter > 87 || end - start < klogBytes) return undefined;
  const found = klog.exec(bytes.toString('latin1', start, start + klogBytes));
  return found ? klogLetters[found[1] ?? ''] : undefined;
}

function isWord(word: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (word.length !== end - start) return false;
  for (let index = 0; index < word.length; index += 1) if (word[index] !== bytes[start + index]) return false;
  return true;
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

/** Of words as lines write them; one object each, since what is made of it is kept by whoever asks. */
const stated = new Map<string, Severity | undefined>();
const maxStated = 256;

function severityOf(text: string): Severity | undefined {
  if (stated.has(text)) return stated.get(text);
  const number = numbers[text.toLowerCase()];
  const severity = number === undefined ? undefined : { number, text };
  if (stated.size < maxStated) stated.set(text, severity);
  return severity;
}
