import type { PseudonymReader } from './pseudonyms.ts';

/** What a pseudonym stands for. `kind`: host, user, dom or guid as in its name, or `address` (addresses and SIDs). */
export interface Revealed {
  pseudonym: string;
  kind: string;
  original: string;
}

const namePattern = /^(?:host|user|dom|guid)-[0-9a-hjkmnp-tv-z]{8}$/;

/**
 * Says what a pseudonym stands for, as it was copied from a bundle. Names are looked up part by part (`host-….dom-…`);
 * addresses and SIDs are worked out from the key. Undefined for one that the key's owner has not made.
 */
export function revealPseudonym(
  text: string,
  { turnBack, nameOf }: PseudonymReader & { nameOf(part: string): { kind: string; name: string } | undefined },
): Revealed | undefined {
  const pseudonym = text.trim();
  const parts = pseudonym.toLowerCase().split('.');
  if (!parts.every((part) => namePattern.test(part))) {
    const original = turnBack(pseudonym);
    return original === undefined ? undefined : { pseudonym, kind: 'address', original };
  }
  const found = parts.map(nameOf);
  const names = found.flatMap((part) => part?.name ?? []);
  return names.length < parts.length ? undefined : { pseudonym, kind: found[0]?.kind ?? '', original: names.join('.') };
}
