import { createHmac, createSecretKey } from 'node:crypto';

/** Bounds what is remembered of one tree: 32 bytes each. */
const rememberedPrefixes = 65_536;

/**
 * A keyed permutation of byte strings that preserves prefixes, bit by bit, as Crypto-PAn does (Xu, Fan, Ammar, Moon:
 * Prefix-preserving IP address anonymization, 2002): two inputs agree in exactly as many leading bits as their outputs.
 * One HMAC gives the 255 coin flips below a prefix of whole bytes. Whoever has the key can turn it back.
 */
export interface KeyedTree {
  permute(input: Uint8Array): Buffer;
  invert(output: Uint8Array): Buffer;
}

export function createKeyedTree(bytes: Uint8Array, label: string): KeyedTree {
  const key = createSecretKey(bytes);
  const remembered = new Map<string, Buffer>();
  const flipsBelow = (prefix: Uint8Array): Buffer => {
    const name = Buffer.from(prefix).toString('latin1');
    const known = remembered.get(name);
    if (known) return known;
    const made = createHmac('sha256', key).update(`${label}\0${prefix.length}\0`).update(prefix).digest();
    if (remembered.size >= rememberedPrefixes) remembered.clear();
    remembered.set(name, made);
    return made;
  };
  /** The node of the binary tree is found by the original bits, in both directions. */
  const turn = (byte: number, flips: Buffer, toOriginal: boolean): number => {
    let node = 1;
    let result = 0;
    for (let bit = 7; bit >= 0; bit--) {
      const given = (byte >> bit) & 1;
      const made = given ^ (((flips[node >> 3] as number) >> (node & 7)) & 1);
      result = (result << 1) | made;
      node = (node << 1) | (toOriginal ? made : given);
    }
    return result;
  };
  return {
    permute: (input) => {
      const output = Buffer.alloc(input.length);
      for (let at = 0; at < input.length; at++) {
        output[at] = turn(input[at] as number, flipsBelow(input.subarray(0, at)), false);
      }
      return output;
    },
    invert: (output) => {
      const input = Buffer.alloc(output.length);
      for (let at = 0; at < output.length; at++) {
        input[at] = turn(output[at] as number, flipsBelow(input.subarray(0, at)), true);
      }
      return input;
    },
  };
}
