import { createLineRedactor } from '../line-redactor.ts';
import type { RedactionTally } from '../profile.ts';
import { redactLines, type TextPieces } from '../redact-stream.ts';
import type { RedactionParts } from '../redaction-parts.ts';

/** Replaces what the rules find. What stands for one identity may make one of its neighbour: the second scan comes behind. */
export interface FirstPass {
  pass(text: TextPieces, tally: RedactionTally): AsyncGenerator<Buffer>;
}

export interface InlineFirstPass extends FirstPass {
  /**
   * The same as far as `isOver`, which is asked between two pieces: returns what it has of the text beyond what came out, for
   * another pass to go on with; undefined when the text ended before.
   */
  passUntil(text: TextPieces, tally: RedactionTally, isOver: () => boolean): AsyncGenerator<Buffer, Buffer | undefined>;
}

export function createFirstPass(parts: RedactionParts): InlineFirstPass {
  const { scanner, cutRules } = parts;
  const passUntil: InlineFirstPass['passUntil'] = (text, tally, isOver) =>
    redactLines(text, createLineRedactor(parts, tally, false), { scanner, cutRules, isOver }, tally);
  return { pass: (text, tally) => passUntil(text, tally, () => false), passUntil };
}
