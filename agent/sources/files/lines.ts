import type { Line } from '../line-sink.ts';
import type { TextEncoding } from './text-encoding.ts';

/** Which part of a line that was over the limit a record holds; undefined for a whole line. */
export type SplitPart = Line['part'];

/**
 * Called per line: its text without the line end as UTF-8 in `bytes[start, end)`, valid until the call returns, and
 * the place in the chunk where its bytes begin.
 */
export type LineHandler = (bytes: Buffer, start: number, end: number, place: number, part: SplitPart) => void;

export interface ScanOptions {
  encoding: TextEncoding;
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

const carriageReturn = 13;

/**
 * Cuts a chunk into lines. Only whole lines are handed out, except that a line over `maxLineBytes` comes in parts as
 * soon as there is that much of it. Bytes that are no text become U+FFFD. Empty lines are passed over, and so are
 * zero bytes before a line: a writer that goes on at its old place after a truncation leaves a hole of them.
 */
export function scanLines(chunk: Buffer, options: ScanOptions, onLine: LineHandler): ScanResult {
  const { encoding, maxLineBytes, final } = options;
  const { unitBytes } = encoding;
  // One look over all whole lines instead of one a line; what lies behind them may be half a character.
  const plainEnd = unitBytes === 1 ? chunk.lastIndexOf(10) + 1 : 0;
  const allPlain = plainEnd > 0 && encoding.isPlain(chunk.subarray(0, plainEnd));
  let { splitting } = options;
  let start = 0;

  function handOut(from: number, to: number, part: SplitPart): void {
    if ((allPlain && to < plainEnd) || (!allPlain && encoding.isPlain(chunk.subarray(from, to)))) {
      onLine(chunk, from, to, from, part);
      return;
    }
    const text = Buffer.from(encoding.decode(chunk.subarray(from, to)));
    const end = part === undefined || part === 'end' ? withoutReturn(text, 0, text.length) : text.length;
    if (end > 0 || part !== undefined) onLine(text, 0, end, from, part);
  }

  for (;;) {
    if (unitBytes === 1 && chunk[start] === 0) {
      do start += 1;
      while (chunk[start] === 0);
    }
    let end = unitBytes === 1 ? chunk.indexOf(10, start) : indexOfUnit(chunk, encoding.newline, start);
    const complete = end >= 0;
    if (!complete) end = chunk.length - (final ? 0 : chunk.length % unitBytes);
    while (end - start > maxLineBytes) {
      const cut = start + encoding.boundary(chunk.subarray(start, start + maxLineBytes + 4), maxLineBytes);
      handOut(start, cut, splitting ? 'middle' : 'start');
      splitting = true;
      start = cut;
    }
    if (!complete && !final) return { consumed: start, splitting };
    const textEnd = unitBytes === 1 ? withoutReturn(chunk, start, end) : end;
    if (textEnd > start || (splitting && complete)) handOut(start, textEnd, splitting ? 'end' : undefined);
    splitting = false;
    if (!complete) return { consumed: chunk.length, splitting };
    start = end + unitBytes;
  }
}

const withoutReturn = (bytes: Buffer, start: number, end: number): number =>
  end > start && bytes[end - 1] === carriageReturn ? end - 1 : end;

/** Chunks begin at a character, so both bytes of one lie at an even place. */
function indexOfUnit(chunk: Buffer, [first, second]: readonly number[], from: number): number {
  for (let at = from; at + 1 < chunk.length; at += 2) {
    if (chunk[at] === first && chunk[at + 1] === second) return at;
  }
  return -1;
}
