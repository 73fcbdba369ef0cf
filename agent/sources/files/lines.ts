import { isAscii } from 'node:buffer';
import type { TextEncodingName } from './text-encoding.ts';

/** Which part of a line that was over the limit a record holds; undefined for a whole line. */
type SplitPart = 'start' | 'middle' | 'end';

/** Called per line with its text without the line end, and the place in the chunk where its bytes begin. */
export type LineHandler = (text: string, start: number, part: SplitPart | undefined) => void;

export interface ScanOptions {
  encoding: TextEncodingName;
  maxLineBytes: number;
  /** The chunk begins inside a line whose beginning has been emitted. */
  splitting: boolean;
  /** Nothing will follow: what has no line end is a line as well. */
  final: boolean;
}

export interface ScanResult {
  /** Bytes that are done; the rest of the chunk is the beginning of a line. */
  consumed: number;
  splitting: boolean;
}

/**
 * Cuts a chunk into lines. Only whole lines are handed out, except that a line over `maxLineBytes` comes in parts as
 * soon as there is that much of it. Bytes that are no text become U+FFFD. Empty lines are passed over.
 */
export function scanLines(chunk: Buffer, options: ScanOptions, onLine: LineHandler): ScanResult {
  // Slices of one decoded string: half the cost of decoding each line, and text is mostly ASCII.
  if (options.encoding === 'utf-8' && isAscii(chunk)) return scanText(chunk.toString('latin1'), options, onLine);
  return scanBytes(chunk, options, onLine);
}

function scanText(text: string, options: ScanOptions, onLine: LineHandler): ScanResult {
  const { maxLineBytes } = options;
  let { splitting } = options;
  let start = 0;
  for (;;) {
    let end = text.indexOf('\n', start);
    const complete = end >= 0;
    if (!complete) end = text.length;
    while (end - start > maxLineBytes) {
      onLine(text.slice(start, start + maxLineBytes), start, splitting ? 'middle' : 'start');
      splitting = true;
      start += maxLineBytes;
    }
    if (!complete && !options.final) return { consumed: start, splitting };
    const textEnd = end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
    if (textEnd > start || (splitting && complete))
      onLine(text.slice(start, textEnd), start, splitting ? 'end' : undefined);
    splitting = false;
    if (!complete) return { consumed: end, splitting };
    start = end + 1;
  }
}

function scanBytes(chunk: Buffer, options: ScanOptions, onLine: LineHandler): ScanResult {
  const { encoding, maxLineBytes } = options;
  const unit = encoding === 'utf-8' ? 1 : 2;
  const decode = decoders[encoding];
  let { splitting } = options;
  let start = 0;
  for (;;) {
    let end = findNewline(chunk, encoding, start);
    const complete = end >= 0;
    if (!complete) end = chunk.length - (options.final ? 0 : chunk.length % unit);
    while (end - start > maxLineBytes) {
      const cut = start + boundary(chunk.subarray(start, start + maxLineBytes + 4), encoding, maxLineBytes);
      onLine(decode(chunk.subarray(start, cut)), start, splitting ? 'middle' : 'start');
      splitting = true;
      start = cut;
    }
    if (!complete && !options.final) return { consumed: start, splitting };
    let text = decode(chunk.subarray(start, end));
    if (text.endsWith('\r')) text = text.slice(0, -1);
    if (text !== '' || (splitting && complete)) onLine(text, start, splitting ? 'end' : undefined);
    splitting = false;
    if (!complete) return { consumed: chunk.length, splitting };
    start = end + unit;
  }
}

function findNewline(chunk: Buffer, encoding: TextEncodingName, from: number): number {
  if (encoding === 'utf-8') return chunk.indexOf(10, from);
  const [first, second] = encoding === 'utf-16le' ? [10, 0] : [0, 10];
  // Chunks begin at a character, so both bytes of one lie at an even place.
  for (let at = from; at + 1 < chunk.length; at += 2) {
    if (chunk[at] === first && chunk[at + 1] === second) return at;
  }
  return -1;
}

/** Largest number of bytes up to `limit` that does not cut a character. */
function boundary(bytes: Uint8Array, encoding: TextEncodingName, limit: number): number {
  if (encoding !== 'utf-8') {
    const even = limit - (limit % 2);
    const highByte = bytes[encoding === 'utf-16le' ? even - 1 : even - 2] ?? 0;
    // A high surrogate stays with its low one.
    return (highByte & 0xfc) === 0xd8 && even > 2 ? even - 2 : even;
  }
  for (let cut = limit; cut > limit - 4 && cut > 0; cut -= 1) {
    if (((bytes[cut] ?? 0) & 0xc0) !== 0x80) return cut;
  }
  return limit;
}

const utf16be = new TextDecoder('utf-16be', { ignoreBOM: true });
const decoders: Readonly<Record<TextEncodingName, (bytes: Buffer) => string>> = {
  'utf-8': (bytes) => bytes.toString('utf8'),
  'utf-16le': (bytes) => bytes.toString('utf16le'),
  'utf-16be': (bytes) => utf16be.decode(bytes),
};
