/** A sequence of bytes to look for; each step is the set of bytes that may stand there. */
export interface BytePattern {
  steps: readonly ByteSet[];
  /** Bits that say what it is; 0 for a rule's hint. */
  triggers: number;
  /** Index of the rule that it is a hint of; -1 for none. */
  rule: number;
  /** From which step on it is rare enough to be looked for. */
  gateFrom: number;
  /** Digits and a sign between them, which a second look can tell from times and dates. */
  isNumber?: true;
}

/** Distinct sets are distinct objects: the scanner tells bytes apart by the sets they are in. */
export type ByteSet = ReadonlySet<number>;

/** By their characters in order, and by those as they were given: hints ask twenty thousand times for some hundred sets. */
const known = new Map<string, ByteSet>();
/** The same set for the same bytes, in latin1. */
export function byteSet(characters: string): ByteSet {
  const given = known.get(characters);
  if (given !== undefined) return given;
  const name = [...new Set(characters)].sort().join('');
  const set = known.get(name) ?? new Set(Buffer.from(characters, 'latin1'));
  known.set(name, set);
  known.set(characters, set);
  return set;
}
