const nothing = Buffer.alloc(0);
/** Pseudonyms are longer than most names: with room for them a text is seldom moved. */
const growth = 1.25;

/** A text in which stretches are replaced from left to right; what stands between them is copied as it is. */
export class Rewrite {
  #source: Buffer;
  #from: number;
  #begin: number;
  #expected: number;
  #target = nothing;
  #length = 0;

  /** `source` from `begin` on, up to `end` at most. */
  constructor(source: Buffer, begin: number, end: number) {
    this.#source = source;
    this.#begin = begin;
    this.#expected = Math.ceil((end - begin) * growth) + 64;
    this.#from = begin;
  }

  /** Puts `text`, of which each character is a byte, in the place of the bytes from `start` to `end`. */
  replace(start: number, end: number, text: string): void {
    this.#reserve(start - this.#from + text.length);
    const source = this.#source;
    const target = this.#target;
    let length = this.#length;
    if (start - this.#from > 48) {
      source.copy(target, length, this.#from, start);
      length += start - this.#from;
    } else for (let at = this.#from; at < start; at++) target[length++] = source[at] as number;
    for (let at = 0; at < text.length; at++) target[length++] = text.charCodeAt(at);
    this.#length = length;
    this.#from = end;
  }

  /** The text up to `end`; a view of the source when nothing was replaced. */
  finish(end: number): Buffer {
    const rest = this.#source.subarray(this.#from, end);
    if (this.#from === this.#begin && this.#length === 0) return rest;
    this.#reserve(rest.length);
    this.#target.set(rest, this.#length);
    return this.#target.subarray(0, this.#length + rest.length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#target.length) return;
    // Not filled with zeros first.
    const larger = Buffer.allocUnsafeSlow(Math.max((this.#length + more) * 2, this.#expected));
    larger.set(this.#target.subarray(0, this.#length));
    this.#target = larger;
  }
}
