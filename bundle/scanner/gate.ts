import type { BytePattern, ByteSet } from './byte-pattern.ts';
import type { SiteName } from './name-trie.ts';

const isWord = (byte: number): boolean =>
  (byte >= 48 && byte <= 57) || ((byte | 32) >= 97 && (byte | 32) <= 122) || byte >= 128;
const any: ByteSet = new Set(Array.from({ length: 256 }, (_, byte) => byte));
const noWord: ByteSet = new Set([...any].filter((byte) => !isWord(byte)));

/** A name's letter in both cases. */
const letter = (byte: number): ByteSet => {
  const lower = byte >= 65 && byte <= 90 ? byte + 32 : byte;
  return lower >= 97 && lower <= 122 ? new Set([lower, lower - 32]) : new Set([byte]);
};

type Triple = [ByteSet, ByteSet, ByteSet];

/**
 * Triples of bytes of which a look at every second place must meet one where the sequence stands: those at its first and
 * second byte, or, when it has only two, those around it. `before` and `behind` may stand beside it.
 */
function triplesOf(steps: readonly ByteSet[], before: ByteSet, behind: ByteSet): Triple[] {
  const [a, b, c, d] = steps;
  if (!a) return [];
  if (!b)
    return [
      [before, a, behind],
      [a, behind, behind],
    ];
  if (!c)
    return [
      [before, a, b],
      [a, b, behind],
    ];
  return [
    [a, b, c],
    [b, c, d ?? behind],
  ];
}

/** Set where nothing but numbers can begin: `$mayBeNumber` in scan.wat says more. */
export const numbersAlone = 128;

/**
 * For every triple of classes (six bits each): how many bytes before it a pattern or a name can have begun at most; 0 when
 * none can; `numbersAlone` beside it.
 * `classes` says which class a byte has; bytes that share one only make it open more often.
 */
export function createGate(
  patterns: readonly BytePattern[],
  names: readonly SiteName[],
  classes: Uint8Array,
): Uint8Array {
  const gate = new Uint8Array(2 ** 18);
  const others = new Uint8Array(2 ** 18);
  const remembered = new Map<ByteSet, number[]>();
  const classesOf = (set: ByteSet): number[] => {
    const known = remembered.get(set);
    if (known) return known;
    const made = [...new Set([...set].map((byte) => classes[byte] as number))];
    remembered.set(set, made);
    return made;
  };
  const eachPlace = ([a, b, c]: Triple, visit: (place: number) => void): void => {
    for (const first of classesOf(a)) {
      for (const second of classesOf(b)) {
        for (const third of classesOf(c)) visit((first << 12) | (second << 6) | third);
      }
    }
  };
  const open = (triple: Triple, back: number, isNumber = false): void =>
    eachPlace(triple, (place) => {
      gate[place] = Math.max(gate[place] as number, back);
      if (!isNumber) others[place] = 1;
    });
  for (const { steps, gateFrom, isNumber } of patterns) {
    for (const triple of triplesOf(steps.slice(gateFrom), any, any)) open(triple, gateFrom + 1, isNumber);
  }
  for (const { name } of names) {
    const steps = [...Buffer.from(name, 'utf8')].slice(0, 4).map(letter);
    for (const triple of triplesOf(steps, noWord, noWord)) open(triple, 1);
  }
  // The automaton passes over what it has followed, so a look that opens for something else amid the bytes before `gateFrom`
  // must go back to where the pattern began.
  for (const { steps, gateFrom } of patterns) {
    for (let behind = 1; behind < gateFrom; behind++) {
      const [a = any, b = any, c = any] = steps.slice(behind, behind + 3);
      eachPlace([a, b, c], (place) => {
        if (gate[place] !== 0) gate[place] = Math.max(gate[place] as number, behind);
      });
    }
  }
  for (let place = 0; place < gate.length; place++) {
    const back = gate[place] as number;
    if (back > 0 && others[place] === 0) gate[place] = back | numbersAlone;
  }
  return gate;
}
