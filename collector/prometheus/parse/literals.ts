import { Buffer, isUtf8 } from 'node:buffer';

const unitMs: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};
const duration = /^(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?$/;

/** Milliseconds of a duration as PromQL has it (`1h30m`); undefined when it is none. */
export function readDurationMs(text: string): number | undefined {
  if (text === '' || !duration.test(text)) return undefined;
  let ms = 0;
  for (const [, digits = '', unit = ''] of text.matchAll(/(\d+)(ms|[smhdwy])/g))
    ms += Number(digits) * (unitMs[unit] ?? 0);
  return ms;
}

/** The value of a number or duration (in seconds) as PromQL writes them; undefined when it is none. */
export function readNumber(text: string): number | undefined {
  const [, sign = '', rest = ''] = /^([+-]?)\s*(.*)$/s.exec(text) ?? [];
  const value = readUnsigned(rest);
  if (value === undefined) return undefined;
  return sign === '-' ? -value : value;
}

function readUnsigned(text: string): number | undefined {
  if (/^inf$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  if (/^0x[0-9a-f]+$/i.test(text)) return Number(text);
  const plain = text.replaceAll('_', '');
  // As Go reads numbers: a leading zero means octal where all digits are.
  if (/^0[0-7]+$/.test(plain)) return Number.parseInt(plain, 8);
  if (/^(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return Number(plain);
  const ms = readDurationMs(text);
  return ms === undefined ? undefined : ms / 1000;
}

const escapes: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};
const escapeSequence = /\\(?:x([0-9a-fA-F]{2})|([0-3][0-7]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|\\$/gs;

/** What a quoted text of PromQL stands for, with Go's escapes; undefined when it is not well formed. */
export function readString(quoted: string): string | undefined {
  const quote = quoted[0] ?? '';
  if (quoted.length < 2 || quoted.at(-1) !== quote) return undefined;
  const inner = quoted.slice(1, -1);
  if (quote === '`') return inner;
  if (inner.includes('\n')) return undefined;
  let isWell = true;
  const pieces: Buffer[] = [];
  let end = 0;
  for (const match of inner.matchAll(escapeSequence)) {
    pieces.push(Buffer.from(inner.slice(end, match.index)));
    end = match.index + match[0].length;
    const [, hex, octal, short, long, letter] = match;
    if (hex ?? octal) pieces.push(Buffer.from([hex ? Number.parseInt(hex, 16) : Number.parseInt(octal ?? '', 8)]));
    else if (short ?? long) {
      const point = Number.parseInt(short ?? long ?? '', 16);
      if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) isWell = false;
      else pieces.push(Buffer.from(String.fromCodePoint(point)));
    } else if (letter === quote) pieces.push(Buffer.from(quote));
    else if (letter !== undefined && escapes[letter] !== undefined) pieces.push(Buffer.from(escapes[letter]));
    else isWell = false;
  }
  pieces.push(Buffer.from(inner.slice(end)));
  const bytes = Buffer.concat(pieces);
  return isWell && isUtf8(bytes) ? bytes.toString() : undefined;
}
