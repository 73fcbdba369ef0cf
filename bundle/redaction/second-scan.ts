import { SextantError } from '../../errors/sextant-error.ts';
import { createLineRedactor } from './line-redactor.ts';
import { quietBytesOfSecondScan } from './long-line.ts';
import type { RedactionTally } from './profile.ts';
import { redactLines, type TextPieces } from './redact-stream.ts';
import type { RedactionParts } from './redaction-parts.ts';

/** Counts, beside their rules, the values that only the second scan found: a fault of the first pass is told, not hidden. */
const secondScan = 'second-scan';

/** Looks again, by the same rules, at what comes out of the first pass. */
export interface SecondScan {
  /**
   * Passes on what it has looked at. What it finds is replaced, counted in `tally`, and looked at once more: a hit there throws
   * SX_REDACTION_LEAK, and nothing of those lines comes out.
   */
  pass(once: TextPieces, tally: RedactionTally): AsyncGenerator<Buffer>;
  /** Passes on what it has looked at; throws SX_REDACTION_LEAK at the first line in which a rule finds anything. */
  mustBeClean(text: TextPieces): AsyncGenerator<Buffer>;
}

export function createSecondScan(parts: RedactionParts): SecondScan {
  const bounds = { scanner: parts.scanner, cutRules: parts.cutRules, quietBytes: quietBytesOfSecondScan };

  const refuse = (hits: RedactionTally): void => {
    const found = Object.keys(hits).join(', ');
    if (found === '') return;
    throw new SextantError('SX_REDACTION_LEAK', `the second scan found what should have been replaced: ${found}`);
  };
  const lookOnceMore = (lines: Buffer): void => {
    const hits: RedactionTally = {};
    const look = createLineRedactor(parts, hits, true);
    look.redact(lines, lines.length, true);
    look.finish();
    refuse(hits);
  };

  return {
    async *pass(once, tally) {
      const hits: RedactionTally = {};
      for await (const chunk of redactLines(once, createLineRedactor(parts, hits, true), bounds, hits)) {
        // What stood for a name made one of its neighbour, for example: what was replaced now is looked at once more.
        if (Object.keys(hits).length > 0) {
          for (const rule of Object.keys(hits)) {
            const found = hits[rule] as number;
            tally[rule] = (tally[rule] ?? 0) + found;
            tally[secondScan] = (tally[secondScan] ?? 0) + found;
            delete hits[rule];
          }
          lookOnceMore(chunk);
        }
        if (chunk.length > 0) yield chunk;
      }
    },
    async *mustBeClean(text) {
      const hits: RedactionTally = {};
      for await (const checked of redactLines(text, createLineRedactor(parts, hits, true), bounds, hits)) {
        refuse(hits);
        if (checked.length > 0) yield checked;
      }
    },
  };
}
