import type { RuleBits } from '../scanner/rule-bits.ts';
import { eventCells, type Scanner } from '../scanner/scanner.ts';

/** A longer line is redacted in pieces. */
export const maxLineBytes = 2 ** 20;
/** No rule looks back further: a piece may end where there was no hint of a secret for this long. */
const quietBytes = 8 * 1024;
/** The second scan sees the same text with other lengths: names and their pseudonyms differ. */
export const quietBytesOfSecondScan = 5 * 1024;

const isDelimiter = (byte: number): boolean => byte === 32 || byte === 44 || byte === 9 || byte === 125 || byte === 59;

/**
 * Where a line that is too long may be cut without tearing a secret or a name: at a blank, comma, semicolon or brace
 * behind a stretch without any hint. The latest such place, or -1.
 */
export function quietCut(bytes: Buffer, scanner: Scanner, rules: RuleBits, quiet = quietBytes): number {
  let lastHint = 0;
  let cut = -1;
  const look = (upTo: number): void => {
    if (upTo - lastHint <= quiet) return;
    for (let at = upTo - 1; at >= Math.max(lastHint + quiet, upTo - 4096); at--) {
      if (isDelimiter(bytes[at] as number)) {
        cut = at + 1;
        return;
      }
    }
  };
  const events = scanner.scan(bytes, 0, bytes.length);
  for (let event = 0; event < events.length; event += eventCells) {
    const found = scanner.found(events[event + 1] as number).rules;
    if (!found || ((found.low & rules.low) | (found.middle & rules.middle) | (found.high & rules.high)) === 0) continue;
    look(events[event] as number);
    lastHint = events[event] as number;
  }
  // The hint of what comes next may have begun at the end.
  look(bytes.length - 64);
  return cut;
}
