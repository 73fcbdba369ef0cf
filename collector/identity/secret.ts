import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 32 random bytes as base64url (43 characters): nothing to guess, so a plain SHA-256 is enough to store it. */
export const randomSecret = (): string => randomBytes(32).toString('base64url');

/** Lower-case hexadecimal SHA-256: the only form in which a secret is kept. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Compares two hashes in a time that does not depend on where they differ. */
export const sameHash = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
