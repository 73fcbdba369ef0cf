import { createGate, numbersAlone } from './gate.ts';
import { createNameTrie, type SiteName } from './name-trie.ts';
import { mayBeNumber } from './number-look.ts';
import type { BytePattern } from './trigger.ts';

/** What ends at a byte. */
export interface Found {
  /** Bits of `trigger`. */
  triggers: number;
  /** Rules that have a hint here, as bits: the first 31, and the rest. */
  rulesLow: number;
  rulesHigh: number;
  /** Indices of names that end here, the longest first. */
  names: readonly number[];
}

/** Finds every pattern and every name in one pass over the bytes. */
export interface Scanner {
  /**
   * Calls `found` with each place where something ends, in order. Bytes before `from` are not looked at. `found` may return
   * a later place to go on from; what lies before it is then not looked at.
   */
  scan(bytes: Uint8Array, from: number, to: number, found: (at: number, what: Found) => number | undefined): void;
}

const missing = -1;
/** What the text makes us visit is far less; hostile text must not fill the memory. */
const maxStates = 8192;

interface State {
  /** Patterns under way: index × 256 + how many of their steps have been seen. */
  active: number[];
  name: number;
}

/**
 * Two steps. A look at every second place, three bytes at a time, says whether anything can begin there. Where something
 * can, the automaton follows until nothing is under way any more.
 *
 * A deterministic automaton over all patterns and names, worked out as far as the text asks for it: one table look-up a
 * byte, whatever the number of rules and names. A cell is the offset of the next state's row; negative ones stand for
 * "not worked out yet" (-1) and for states in which something ends (-2 - offset), so the inner loop has one test.
 */
export function createScanner(patterns: readonly BytePattern[], names: readonly SiteName[]): Scanner {
  const trie = createNameTrie(names);
  const { classes, sample } = byteClasses(patterns, trie.alphabet);
  const classes6 = classes.map((byteClass) => byteClass & 63);
  const gate = createGate(patterns, names, classes6);
  /** One column more says that no pattern and no name has more than one byte behind it. */
  const shallow = sample.length;
  const width = sample.length + 1;
  const beginning = new Map<number, number[]>();
  for (const [index, { steps }] of patterns.entries()) {
    for (const byte of steps[0] ?? []) beginning.set(byte, [...(beginning.get(byte) ?? []), index]);
  }

  let table = new Int32Array(64 * width).fill(missing);
  let states: State[] = [];
  let outputs: (Found | undefined)[] = [];
  let ids = new Map<string, number>();

  const outputOf = (ended: number[], name: number): Found | undefined => {
    const endingNames = trie.endingIn(name);
    if (ended.length === 0 && endingNames.length === 0) return undefined;
    const output = { triggers: 0, rulesLow: 0, rulesHigh: 0, names: endingNames };
    for (const index of ended) {
      const { triggers, rule } = patterns[index] as BytePattern;
      output.triggers |= triggers;
      if (rule >= 0 && rule < 31) output.rulesLow |= 1 << rule;
      else if (rule >= 31) output.rulesHigh |= 1 << (rule - 31);
    }
    return output;
  };
  const intern = (active: number[], ended: number[], name: number): number => {
    const key = `${name}:${ended.join()}:${active.join()}`;
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = states.length;
    if ((id + 1) * width > table.length) {
      const larger = new Int32Array(table.length * 2).fill(missing);
      larger.set(table);
      table = larger;
    }
    states.push({ active, name });
    table[id * width + shallow] = trie.depth(name) <= 1 && active.every((place) => place % 256 <= 1) ? 1 : 0;
    outputs.push(outputOf(ended, name));
    ids.set(key, id);
    return id;
  };
  const reset = (): void => {
    table.fill(missing);
    states = [];
    outputs = [];
    ids = new Map();
    intern([], [], trie.root);
  };
  reset();

  /** Works out the cell for a state's row and a class of bytes, and returns it. */
  const workOut = (offset: number, byteClass: number): number => {
    const { active, name } = states[offset / width] as State;
    const byte = sample[byteClass] as number;
    const next: number[] = [];
    const ended: number[] = [];
    const advance = (index: number, seen: number): void => {
      if (seen === (patterns[index] as BytePattern).steps.length) ended.push(index);
      else next.push(index * 256 + seen);
    };
    for (const place of active) {
      const index = Math.floor(place / 256);
      const seen = place % 256;
      if ((patterns[index] as BytePattern).steps[seen]?.has(byte)) advance(index, seen + 1);
    }
    for (const index of beginning.get(byte) ?? []) advance(index, 1);
    next.sort((a, b) => a - b);
    const nextName = trie.next(name, byte);
    const full = states.length >= maxStates;
    if (full) reset();
    const id = intern(next, ended, nextName);
    const cell = outputs[id] ? -2 - id * width : id * width;
    // After a reset the row that was asked for is gone.
    if (!full) table[offset + byteClass] = cell;
    return cell;
  };

  /** Follows the automaton from `from` until something can only have begun at the last byte; returns that place. */
  const follow = (
    bytes: Uint8Array,
    from: number,
    least: number,
    to: number,
    found: (at: number, what: Found) => number | undefined,
  ): number => {
    let offset = 0;
    for (let at = from; at < to; at++) {
      const byteClass = classes[bytes[at] as number] as number;
      let cell = table[offset + byteClass] as number;
      if (cell === missing) cell = workOut(offset, byteClass);
      if (cell < 0) {
        offset = -2 - cell;
        const resume = found(at, outputs[offset / width] as Found);
        if (resume !== undefined && resume > at) return resume;
      } else offset = cell;
      if (at >= least && table[offset + shallow] === 1) return at;
    }
    return to;
  };

  return {
    scan: (bytes, from, to, found) => {
      let done = from;
      let at = from;
      while (at + 2 < to) {
        const place =
          ((classes6[bytes[at] as number] as number) << 12) |
          ((classes6[bytes[at + 1] as number] as number) << 6) |
          (classes6[bytes[at + 2] as number] as number);
        let back = gate[place] as number;
        if (back === 0) {
          at += 2;
          continue;
        }
        if (back >= numbersAlone) {
          if (!mayBeNumber(bytes, at)) {
            at += 2;
            continue;
          }
          back -= numbersAlone;
        }
        at = follow(bytes, Math.max(done, at - back), at + 1, to, found);
        done = at;
      }
      // What is shorter than a look, at the very end.
      if (done < to) follow(bytes, Math.max(done, to - 3), to, to, found);
    },
  };
}

/** Bytes that no pattern and no name tells apart share a class, which keeps the table in the processor's cache. */
function byteClasses(
  patterns: readonly BytePattern[],
  alphabet: ReadonlySet<number>,
): { classes: Uint8Array; sample: number[] } {
  const sets = [...new Set(patterns.flatMap(({ steps }) => steps))];
  const classes = new Uint8Array(256);
  const sample: number[] = [];
  const known = new Map<string, number>();
  for (let byte = 0; byte < 256; byte++) {
    const folded = byte >= 65 && byte <= 90 ? byte + 32 : byte;
    const letter = alphabet.has(folded) ? folded : -1;
    const key = `${letter}:${sets.map((set) => (set.has(byte) ? '1' : '0')).join('')}`;
    const existing = known.get(key);
    if (existing !== undefined) classes[byte] = existing;
    else {
      known.set(key, sample.length);
      classes[byte] = sample.length;
      sample.push(byte);
    }
  }
  return { classes, sample };
}
