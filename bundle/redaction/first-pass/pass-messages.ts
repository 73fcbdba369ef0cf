import type { SiteName } from '../../scanner/name-trie.ts';
import type { RedactionProfile, RedactionTally } from '../profile.ts';
import type { NameKind } from '../pseudonyms.ts';

/** What the thread is started with. */
export interface PassThreadOptions {
  key: Uint8Array;
  profile: RedactionProfile;
  names: readonly SiteName[];
}

/** Several texts may be on their way, told apart by their numbers. Bytes go over with their memory, nothing is copied. */
export type ToPassThread =
  | { type: 'begin'; id: number }
  | { type: 'text'; id: number; bytes: Uint8Array }
  | { type: 'end'; id: number }
  /** Nobody wants the rest. */
  | { type: 'leave'; id: number };

export type FromPassThread =
  /** It has the rules, and takes texts. */
  | { type: 'ready' }
  | { type: 'redacted'; id: number; bytes: Uint8Array }
  /** Of the text that it had, a piece more has been taken. */
  | { type: 'next'; id: number }
  | { type: 'end'; id: number; tally: RedactionTally }
  | { type: 'failed'; id: number; message: string }
  | { type: 'name'; kind: NameKind; name: string };

/** Bytes in memory of their own, to be handed over whole. */
export function handedOver(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  // Not filled with zeros first.
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  return own as Uint8Array<ArrayBuffer>;
}

/** The bytes themselves, whose memory nobody else has; those from Node's pool of small ones share theirs. */
export const givenAway = (bytes: Buffer): Uint8Array => (bytes.length > Buffer.poolSize ? bytes : handedOver(bytes));

export const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
