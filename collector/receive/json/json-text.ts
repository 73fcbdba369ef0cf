import { fault, input, moveTo, offset, peek, token } from './json-reader.ts';
import { putByte, putBytes } from './wire-writer.ts';

const escapes = new Map<number, number>([
  [0x22, 0x22],
  [0x5c, 0x5c],
  [0x2f, 0x2f],
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);
const replacement = 0xfffd;

/** Copies the content of a text, which is UTF-8 already, and undoes its escapes. */
export function copyText(): void {
  if (peek() !== token.quote) fault('a text is missing');
  const source = input();
  const end = source.length;
  let at = offset() + 1;
  let start = at;
  for (;;) {
    if (at >= end) fault('a text has no end');
    const byte = source[at] as number;
    if (byte === token.quote) break;
    if (byte === token.backslash) {
      putBytes(source, start, at);
      moveTo(at + 1);
      copyEscape(source);
      at = offset();
      start = at;
    } else if (byte < 0x20) fault('a control character stands in a text');
    else at++;
  }
  putBytes(source, start, at);
  moveTo(at + 1);
}

function copyEscape(source: Buffer): void {
  const at = offset();
  const kind = source[at];
  if (kind !== 0x75) {
    const byte = kind === undefined ? undefined : escapes.get(kind);
    if (byte === undefined) fault('an escape in a text is not one of JSON');
    putByte(byte);
    moveTo(at + 1);
    return;
  }
  const first = fourDigits(source, at + 1);
  moveTo(at + 5);
  if (first < 0xd800 || first > 0xdfff) {
    putCodePoint(first);
    return;
  }
  const hasSecond = first < 0xdc00 && source[at + 5] === token.backslash && source[at + 6] === 0x75;
  const second = hasSecond ? fourDigits(source, at + 7) : 0;
  if (second >= 0xdc00 && second <= 0xdfff) {
    moveTo(at + 11);
    putCodePoint(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00));
  } else {
    // Half a pair cannot be UTF-8.
    putCodePoint(replacement);
  }
}

function fourDigits(source: Buffer, from: number): number {
  let value = 0;
  for (let i = from; i < from + 4; i++) {
    const digit = hexDigit(source[i] ?? 0);
    if (digit < 0) fault('an escape in a text is not one of JSON');
    value = value * 16 + digit;
  }
  return value;
}

/** -1 for what is none. */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function putCodePoint(point: number): void {
  if (point < 0x80) putByte(point);
  else if (point < 0x800) {
    putByte(0xc0 | (point >> 6));
    putByte(0x80 | (point & 63));
  } else if (point < 0x1_0000) {
    putByte(0xe0 | (point >> 12));
    putByte(0x80 | ((point >> 6) & 63));
    putByte(0x80 | (point & 63));
  } else {
    putByte(0xf0 | (point >> 18));
    putByte(0x80 | ((point >> 12) & 63));
    putByte(0x80 | ((point >> 6) & 63));
    putByte(0x80 | (point & 63));
  }
}
