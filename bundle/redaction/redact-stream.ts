import type { RuleBits } from '../scanner/rule-bits.ts';
import type { Scanner } from '../scanner/scanner.ts';
import type { LineRedactor } from './line-redactor.ts';
import { maxLineBytes, quietCut } from './long-line.ts';
import { count, type RedactionTally } from './profile.ts';
import { leftOut } from './text-redactor.ts';

/** A text as it comes; a piece may lie in memory that the next one takes. */
export type TextPieces = AsyncIterable<Buffer> | Iterable<Buffer>;

/**
 * Cuts the stream into whole lines and redacts them; memory for the longest line (1 MiB at most) and one chunk. A chunk that
 * comes out is looked at no more, nor is memory that it shares with a piece of the source: whoever owns both may give it away.
 * When `isOver` says so between two pieces, and nothing goes over from line to line there, it ends and returns what it has of
 * the next line, for another one to go on with; undefined at the end of the text.
 */
export async function* redactLines(
  source: TextPieces,
  lines: LineRedactor,
  parts: { scanner: Scanner; cutRules: RuleBits; quietBytes?: number; isOver?: () => boolean },
  tally: RedactionTally,
): AsyncGenerator<Buffer, Buffer | undefined> {
  let carry: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    let bytes: Buffer = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
    const end = bytes.lastIndexOf(10) + 1;
    if (end > 0) {
      const { output, taken } = lines.redact(bytes, end, false);
      // The chunk may be a reader's buffer, and the output a part of it: what is kept is copied.
      bytes = Buffer.from(bytes.subarray(taken));
      if (output.length > 0) yield output;
    }
    while (bytes.length > maxLineBytes) {
      const block = bytes.subarray(0, maxLineBytes);
      const cut = quietCut(block, parts.scanner, parts.cutRules, parts.quietBytes);
      if (cut > 0) {
        yield Buffer.from(lines.redact(block, cut, true).output);
        bytes = bytes.subarray(cut);
      } else {
        count(tally, 'left-out');
        yield Buffer.from(leftOut(`${block.length} bytes of a line without an end, full of what looks like secrets`));
        bytes = bytes.subarray(block.length);
      }
    }
    carry = end > 0 ? bytes : Buffer.from(bytes);
    if (parts.isOver?.() && lines.rests) return carry;
  }
  if (carry.length > 0) yield lines.redact(carry, carry.length, true).output;
  const rest = lines.finish();
  if (rest.length > 0) yield rest;
  return undefined;
}
