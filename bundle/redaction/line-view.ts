/** A stretch of bytes and what stands there instead. */
export interface Replacement {
  start: number;
  end: number;
  text: string;
  rule: string;
}

const newline = 10;

/** The line that is looked at, and what has been found in it. One object for all lines: this is the inner loop. */
export class LineView {
  bytes: Buffer = Buffer.alloc(0);
  from = 0;
  to = 0;
  /** The first `count` of these have been found; the others are of earlier lines, to be used again. */
  readonly found: Replacement[] = [];
  count = 0;
  /** Where marks stand: nothing is replaced inside of one. */
  marks: [start: number, end: number][] | undefined;

  begin(bytes: Buffer, from: number, to: number): void {
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    this.count = 0;
    this.marks = undefined;
  }

  /** The byte; a line end outside of the line. */
  at(index: number): number {
    return index >= this.from && index < this.to ? (this.bytes[index] as number) : newline;
  }

  /** Bytes as characters, one each; bounds are cut to the line. */
  slice(start: number, end: number): string {
    return this.bytes.toString('latin1', Math.max(this.from, start), Math.min(this.to, end));
  }

  /** The same for what stands before the replacement that was noted last. */
  putBefore(start: number, end: number, text: string, rule: string): void {
    const last = this.found[this.count - 1];
    if (last === undefined || last.start < end) return;
    const { start: from, end: to, text: stood, rule: named } = last;
    this.count--;
    this.put(start, end, text, rule);
    this.put(from, to, stood, named);
  }

  /** Notes a replacement. Of two that overlap, the one that begins first stays, and of those the longer one. */
  put(start: number, end: number, text: string, rule: string): void {
    if (this.marks !== undefined && isInside(this.marks, start, end)) return;
    while (this.count > 0) {
      const last = this.found[this.count - 1] as Replacement;
      if (start >= last.end) break;
      if (start > last.start || (start === last.start && end <= last.end)) return;
      this.count--;
    }
    const slot = this.found[this.count++];
    if (slot === undefined) this.found.push({ start, end, text, rule });
    else {
      slot.start = start;
      slot.end = end;
      slot.text = text;
      slot.rule = rule;
    }
  }
}

// Apart from `put`: a closure in there would be made for each replacement.
const isInside = (marks: readonly [number, number][], start: number, end: number): boolean =>
  marks.some(([a, b]) => start < b && end > a);

export const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;
export const isHex = (byte: number): boolean => isDigit(byte) || ((byte | 32) >= 97 && (byte | 32) <= 102);
/** Letters, digits, and every byte of a character beyond ASCII. */
export const isWord = (byte: number): boolean =>
  isDigit(byte) || ((byte | 32) >= 97 && (byte | 32) <= 122) || byte >= 128;

/** Bytes that were read as latin1, as the text that they are. */
export const utf8 = (latin1: string): string =>
  /[\x80-\xff]/.test(latin1) ? Buffer.from(latin1, 'latin1').toString('utf8') : latin1;
