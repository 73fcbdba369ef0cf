import { createLineRedactor } from '../line-redactor.ts';
import type { RedactionTally } from '../profile.ts';
import { redactLines, type TextPieces } from '../redact-stream.ts';
import type { RedactionParts } from '../redaction-parts.ts';

/** Replaces what the rules find. What stands for one identity may make one of its neighbour: the second scan comes behind. */
export interface FirstPass {
  pass(text: TextPieces, tally: RedactionTally): AsyncGenerator<Buffer>;
}

export function createFirstPass(parts: RedactionParts): FirstPass {
  const { scanner, cutRules } = parts;
  return {
    pass: (text, tally) => redactLines(text, createLineRedactor(parts, tally, false), { scanner, cutRules }, tally),
  };
}
