import type { RuleBits } from '../scanner/rule-bits.ts';
import type { Scanner } from '../scanner/scanner.ts';
import type { LineRedactor } from './line-redactor.ts';
import { maxLineBytes, quietCut } from './long-line.ts';
import { count, type RedactionTally } from './profile.ts';
import { leftOut } from './text-redactor.ts';

/** A text as it comes; a piece may lie in memory that the next one takes. */
export type TextPieces = AsyncIterable<Buffer> | Iterable<Buffer>;

/** Cuts the stream into whole lines and redacts them; memory for the longest line (1 MiB at most) and one chunk. */
export async function* redactLines(
  source: TextPieces,
  lines: LineRedactor,
  parts: { scanner: Scanner; cutRules: RuleBits; quietBytes?: number },
  tally: RedactionTally,
): AsyncGenerator<Buffer> {
  let carry: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    let bytes: Buffer = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
    const end = bytes.lastIndexOf(10) + 1;
    if (end > 0) {
      const { output, taken } = lines.redact(bytes, end, false);
      if (output.length > 0) yield output;
      bytes = bytes.subarray(taken);
    }
    while (bytes.length > maxLineBytes) {
      const block = bytes.subarray(0, maxLineBytes);
      const cut = quietCut(block, parts.scanner, parts.cutRules, parts.quietBytes);
      if (cut > 0) {
        yield lines.redact(block, cut, true).output;
        bytes = bytes.subarray(cut);
      } else {
        count(tally, 'left-out');
        yield Buffer.from(leftOut(`${block.length} bytes of a line without an end, full of what looks like secrets`));
        bytes = bytes.subarray(block.length);
      }
    }
    // The chunk may be a reader's buffer: what is kept is copied.
    carry = Buffer.from(bytes);
  }
  if (carry.length > 0) yield lines.redact(carry, carry.length, true).output;
  const rest = lines.finish();
  if (rest.length > 0) yield rest;
}
