import { createHmac, createSecretKey } from 'node:crypto';

/** What `[masked:<rule>:<fingerprint>]` looks like. */
export const wholeMark = /^\[masked:[a-z-]+:[0-9a-f]{8}\]$/;

/** The same few secrets come again and again; an HMAC costs more than all the patterns on a line. */
const rememberedMarks = 4096;

/**
 * Marks of secrets: keyed, so that the same secret has the same fingerprint everywhere on the site, and nobody without the
 * key can try guesses against it. A secret is given as its bytes in latin1.
 */
export function createFingerprints(bytes: Uint8Array): (rule: string, secret: string) => string {
  // Given bytes, every HMAC makes a key of them first, at six times the cost of itself.
  const key = createSecretKey(bytes);
  const remembered = new Map<string, string>();
  const fingerprint = (secret: string): string => {
    const known = remembered.get(secret);
    if (known !== undefined) return known;
    const made = createHmac('sha256', key).update(secret, 'latin1').digest('hex').slice(0, 8);
    if (remembered.size >= rememberedMarks) remembered.clear();
    // A copy: V8 keeps a part of a string as a place in it, and with it the whole line, which may be a megabyte.
    if (secret.length <= 256) remembered.set(Buffer.from(secret, 'latin1').toString('latin1'), made);
    return made;
  };
  return (rule, secret) => `[masked:${rule}:${fingerprint(secret)}]`;
}
