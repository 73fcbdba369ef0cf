import { SextantError } from '../../../errors/sextant-error.ts';

/** Objects and lists within each other; a value of 100 levels, the deepest that OTLP bytes may hold, takes four a level. */
const maxDepth = 450;

export const token = {
  quote: 0x22,
  comma: 0x2c,
  minus: 0x2d,
  colon: 0x3a,
  openList: 0x5b,
  backslash: 0x5c,
  closeList: 0x5d,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const;

/** A number as JSON writes it. */
export const numberPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

// One request is read at a time, synchronously; see wire-writer.ts.
let source: Buffer = Buffer.alloc(0);
let at = 0;

export function startReading(json: Buffer): void {
  source = json;
  // A byte order mark, which some writers put first.
  at = json[0] === 0xef && json[1] === 0xbb && json[2] === 0xbf ? 3 : 0;
}

export function stopReading(): void {
  source = Buffer.alloc(0);
}

export const input = (): Buffer => source;
export const offset = (): number => at;
export function moveTo(position: number): void {
  at = position;
}

/** The next byte that is no white space, or -1 at the end; it is not taken. */
export function peek(): number {
  while (at < source.length) {
    const byte = source[at] as number;
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) return byte;
    at++;
  }
  return -1;
}

export function take(expected: number): void {
  if (peek() !== expected) fault(`“${String.fromCharCode(expected)}” is missing`);
  at++;
}

/** After an item: whether another one follows; takes the comma or the end. */
export function another(close: number): boolean {
  const byte = peek();
  if (byte !== token.comma && byte !== close) fault('a comma is missing');
  at++;
  return byte === token.comma;
}

export function takeWord(word: string): void {
  for (let i = 0; i < word.length; i++) {
    if (source[at + i] !== word.charCodeAt(i)) fault('this is no value');
  }
  at += word.length;
}

export function takeNull(): boolean {
  if (peek() !== 0x6e) return false;
  takeWord('null');
  return true;
}

/** Steps over a text and returns where its content ends; `at` was on its first quote. */
export function skipText(): { end: number; escaped: boolean } {
  take(token.quote);
  let escaped = false;
  while (at < source.length) {
    const byte = source[at] as number;
    if (byte === token.quote) return { end: at++, escaped };
    if (byte === token.backslash) {
      escaped = true;
      at++;
    } else if (byte < 0x20) fault('a control character stands in a text');
    at++;
  }
  return fault('a text has no end');
}

/** A text as a string: for what is short or rare. */
export function takeText(): string {
  if (peek() !== token.quote) fault('a text is missing');
  const start = at + 1;
  const { end, escaped } = skipText();
  const raw = source.toString('utf8', start, end);
  if (!escaped) return raw;
  try {
    return JSON.parse(`"${raw}"`);
  } catch {
    return fault('an escape in a text is not one of JSON');
  }
}

/** The characters of a number, or what stands in its place. */
export function takeNumberText(): string {
  peek();
  const start = at;
  while (at < source.length) {
    const byte = source[at] as number;
    // + - . 0-9 E e
    if ((byte < 0x30 || byte > 0x39) && byte !== 0x2b && byte !== 0x2d && byte !== 0x2e && (byte | 0x20) !== 0x65)
      break;
    at++;
  }
  return source.toString('latin1', start, at);
}

export function skipValue(depth: number): void {
  demandDepth(depth);
  switch (peek()) {
    case token.openObject:
      at++;
      if (peek() === token.closeObject) at++;
      else {
        do {
          if (peek() !== token.quote) fault('a name is missing');
          skipText();
          take(token.colon);
          skipValue(depth + 1);
        } while (another(token.closeObject));
      }
      break;
    case token.openList:
      at++;
      if (peek() === token.closeList) at++;
      else
        do skipValue(depth + 1);
        while (another(token.closeList));
      break;
    case token.quote:
      skipText();
      break;
    case 0x74:
      takeWord('true');
      break;
    case 0x66:
      takeWord('false');
      break;
    case 0x6e:
      takeWord('null');
      break;
    default:
      if (!numberPattern.test(takeNumberText())) fault('this is no value');
  }
}

export function demandDepth(depth: number): void {
  if (depth > maxDepth) fault('objects are nested too deep');
}

export function fault(what: string): never {
  throw new SextantError('SX_BAD_OTLP', `not an OTLP export request in JSON: ${what}, at byte ${at}`);
}
