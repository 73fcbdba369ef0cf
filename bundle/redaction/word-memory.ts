/** What was worked out for words, found again by the bytes of a text: to make a string of each would cost more than all else. */
export interface WordMemory<Value> {
  /** `hash`: of these bytes, one after another, as `wordHash` and `hashedByte` make it. */
  get(bytes: Uint8Array, start: number, end: number, hash: number): Value | undefined;
  set(bytes: Uint8Array, start: number, end: number, hash: number, value: Value): void;
}

/** FNV-1a (Fowler, Noll, Vo). Whoever looks at each byte anyway goes on from here with `hashedByte`. */
export const wordHash = -2_128_831_035;
export const hashedByte = (hash: number, byte: number): number => Math.imul(hash ^ byte, 16_777_619);

/** Holds `most` words; then it begins anew. Of two with the same hash the later one stays. */
export function createWordMemory<Value>(most: number): WordMemory<Value> {
  const entries = new Map<number, { word: Uint8Array; value: Value }>();
  return {
    get: (bytes, start, end, hash) => {
      const entry = entries.get(hash);
      if (entry === undefined) return undefined;
      const { word } = entry;
      const length = end - start;
      if (word.length !== length) return undefined;
      for (let at = 0; at < length; at++) if (word[at] !== bytes[start + at]) return undefined;
      return entry.value;
    },
    set: (bytes, start, end, hash, value) => {
      if (entries.size >= most) entries.clear();
      entries.set(hash, { word: Uint8Array.prototype.slice.call(bytes, start, end), value });
    },
  };
}
