import type { BytePattern } from './byte-pattern.ts';
import { createGate } from './gate.ts';
import { createScanMemory } from './memory.ts';
import { createNameTrie, type SiteName } from './name-trie.ts';
import { addRule, maxRules, noRules, type RuleBits } from './rule-bits.ts';

/** What ends at a byte. */
export interface Found {
  /** Bits of the patterns. */
  triggers: number;
  /** Rules that have a hint here; undefined where none has, which is nearly everywhere. */
  rules: RuleBits | undefined;
  /** Indices of names that end here, the longest first. */
  names: readonly number[];
}

/**
 * Finds every pattern and every name in one pass over the bytes.
 *
 * Two steps, both in `scan.wat`. A look at every second place, three bytes at a time, says whether anything can begin there.
 * Where something can, the automaton follows until nothing is under way any more.
 */
export interface Scanner {
  /**
   * What ends in the bytes from `from` to `to`, in order, no place twice; four numbers each: the place of the last byte, an
   * index for `found`, where its line begins, and where the next one does. The array is overwritten by the next call.
   */
  scan(bytes: Uint8Array, from: number, to: number): Int32Array;
  /** What an index of `scan` stands for; it stays the same. */
  found(index: number): Found;
}

/** How many numbers `scan` gives for each place. */
export const eventCells = 4;

const missing = -1;
const cellBytes = 4;
/** What the text makes us visit is far less; hostile text must not fill the memory. */
const maxStates = 8192;

interface State {
  /** Patterns under way: index × 256 + how many of their steps have been seen. */
  active: number[];
  name: number;
}

/**
 * A deterministic automaton over all patterns and names, worked out as far as the text asks for it: one table look-up a
 * byte, whatever the number of rules and names. A cell is the offset of the next state's row, in bytes; negative ones stand for
 * "not worked out yet" (-1) and for states in which something ends (-2 - offset), so the inner loop has one test.
 */
export function createScanner(patterns: readonly BytePattern[], names: readonly SiteName[]): Scanner {
  if (patterns.some(({ rule }) => rule >= maxRules)) throw new Error(`BUG: hints of more than ${maxRules} rules`);
  const trie = createNameTrie(names);
  const { classes, sample } = byteClasses(patterns, trie.alphabet);
  const classes6 = classes.map((byteClass) => byteClass & 63);
  // Two columns more: whether no pattern and no name has more than one byte behind it here, and what ends here.
  const shallow = sample.length;
  const width = sample.length + 2;
  const beginning = new Map<number, number[]>();
  for (const [index, { steps }] of patterns.entries()) {
    for (const byte of steps[0] ?? []) beginning.set(byte, [...(beginning.get(byte) ?? []), index]);
  }

  let states: State[] = [];
  let ids = new Map<string, number>();
  /** Kept over `reset`: places in it have been handed out. */
  const outputs: Found[] = [];
  const outputIds = new Map<string, number>();

  const outputOf = (ended: number[], name: number): number => {
    const endingNames = trie.endingIn(name);
    const key = `${endingNames.join()}:${ended.join()}`;
    const known = outputIds.get(key);
    if (known !== undefined) return known;
    const output: Found = { triggers: 0, rules: undefined, names: endingNames };
    for (const index of ended) {
      const { triggers, rule } = patterns[index] as BytePattern;
      output.triggers |= triggers;
      if (rule >= 0) {
        output.rules ??= noRules();
        addRule(output.rules, rule);
      }
    }
    outputs.push(output);
    outputIds.set(key, outputs.length - 1);
    return outputs.length - 1;
  };
  /** Nothing ends here. */
  const nothing = outputOf([], trie.root);

  const intern = (active: number[], ended: number[], name: number): number => {
    const key = `${name}:${ended.join()}:${active.join()}`;
    const known = ids.get(key);
    if (known !== undefined) return known;
    const row = states.length * width;
    states.push({ active, name });
    memory.table.fill(missing, row, row + width);
    memory.table[row + shallow] = trie.depth(name) <= 1 && active.every((place) => place % 256 <= 1) ? 1 : 0;
    memory.table[row + shallow + 1] = outputOf(ended, name);
    ids.set(key, row);
    return row;
  };
  const reset = (): void => {
    states = [];
    ids = new Map();
    intern([], [], trie.root);
  };

  /** Works out the cell for a state's row and a class of bytes, and returns it. */
  const workOut = (row: number, byteClass: number): number => {
    const { active, name } = states[row / cellBytes / width] as State;
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
    const to = intern(next, ended, nextName);
    const cell = memory.table[to + shallow + 1] === nothing ? to * cellBytes : -2 - to * cellBytes;
    // After a reset the row that was asked for is gone.
    if (!full) memory.table[row / cellBytes + byteClass] = cell;
    return cell;
  };

  const memory = createScanMemory({
    classes,
    classes6,
    gate: createGate(patterns, names, classes6),
    tableCells: (maxStates + 1) * width,
    shallow,
    workOut,
  });
  reset();
  return { scan: memory.scan, found: (index) => outputs[index] as Found };
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
