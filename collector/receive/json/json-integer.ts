import { fault, input, moveTo, numberPattern, offset, peek, takeText, token } from './json-reader.ts';

const twoTo32 = 0x1_0000_0000;
const longestExact = 15;
const longest = 20;

/** The integer that was read last, as a 64-bit two's complement. */
export const integer = { low: 0, high: 0, negative: false };

/**
 * Reads an integer that JSON spells as a number or as a text, of all its 64 bits: a JavaScript number would lose the
 * last digits of every time in nanoseconds.
 */
export function takeInteger(signed: boolean): void {
  const source = input();
  const quoted = peek() === token.quote;
  const start = offset();
  let at = quoted ? start + 1 : start;
  const negative = source[at] === token.minus;
  if (negative) at++;
  const first = at;
  while (isDigit(source[at])) at++;
  const digits = at - first;
  const next = source[at];
  const hasZeros = digits > 1 && source[first] === 0x30;
  if (digits === 0 || digits > longest || hasZeros || next === 0x2e || next === 0x45 || next === 0x65) {
    readUnusual(quoted);
  } else {
    if (quoted && next !== token.quote) fault('this is no integer');
    moveTo(quoted ? at + 1 : at);
    readDigits(source, first, digits);
    integer.negative = negative && (integer.low !== 0 || integer.high !== 0);
  }
  if (signed) demandSigned();
  else if (integer.negative) fault('an integer is below zero');
  if (integer.negative) {
    integer.low = (~integer.low + 1) >>> 0;
    integer.high = (~integer.high + (integer.low === 0 ? 1 : 0)) >>> 0;
  }
}

/** Reads an integer that fits 32 bits. */
export function takeInteger32(signed: boolean): number {
  takeInteger(signed);
  const { low, high, negative } = integer;
  if (!signed) {
    if (high !== 0) fault('an integer is too large');
    return low;
  }
  const value = low | 0;
  if (negative ? high !== 0xffff_ffff || value >= 0 : high !== 0 || value < 0) fault('an integer is too large');
  return value;
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

function readDigits(source: Buffer, first: number, digits: number): void {
  if (digits <= longestExact) {
    set(digitsAt(source, first, digits));
    return;
  }
  // Up to 11 digits, then nine: value = front · 10^9 + back, in parts that a double holds exactly.
  const front = digitsAt(source, first, digits - 9);
  const back = digitsAt(source, first + digits - 9, 9);
  const upper = Math.floor(front / 65_536) * 1e9;
  const lower = (front % 65_536) * 1e9 + back;
  const low = (upper % 65_536) * 65_536 + (lower % twoTo32);
  const high = Math.floor(upper / 65_536) + Math.floor(lower / twoTo32) + Math.floor(low / twoTo32);
  if (high >= twoTo32) fault('an integer is too large');
  integer.low = low >>> 0;
  integer.high = high;
}

function digitsAt(source: Buffer, from: number, count: number): number {
  let value = 0;
  for (let i = from; i < from + count; i++) value = value * 10 + (source[i] as number) - 0x30;
  return value;
}

function set(value: number): void {
  integer.low = value >>> 0;
  integer.high = Math.floor(value / twoTo32);
}

/** `1e3`, `1.0`, or no number at all. */
function readUnusual(quoted: boolean): void {
  const source = input();
  let text: string;
  if (quoted) text = takeText();
  else {
    const start = offset();
    let at = start;
    while (at < source.length && at - start < 64 && /[-+.\deE]/.test(String.fromCharCode(source[at] as number))) at++;
    text = source.toString('latin1', start, at);
    moveTo(at);
  }
  const value = Number(text);
  if (!numberPattern.test(text) || !Number.isInteger(value)) fault('this is no integer');
  const magnitude = BigInt(Math.abs(value));
  if (magnitude >= 1n << 64n) fault('an integer is too large');
  integer.low = Number(magnitude & 0xffff_ffffn);
  integer.high = Number(magnitude >> 32n);
  integer.negative = value < 0;
}

function demandSigned(): void {
  const { low, high, negative } = integer;
  const isLowest = negative && high === 0x8000_0000 && low === 0;
  if (high >= 0x8000_0000 && !isLowest) fault('an integer is too large');
}
