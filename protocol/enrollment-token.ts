import { SextantError } from '../errors/sextant-error.ts';

/**
 * What an administrator carries to a node: the secret that may be used once, and the SHA-256 fingerprint of the
 * collector's CA, so that the node knows whom it talks to before it trusts anything.
 */
export interface EnrollmentToken {
  /** Lower-case hexadecimal SHA-256 over the CA certificate's DER. */
  caFingerprint: string;
  /** base64url, 32 random bytes. */
  secret: string;
}

const pattern = /^sxe1\.([0-9a-f]{64})\.([A-Za-z0-9_-]{43})$/;

export const formatEnrollmentToken = (token: EnrollmentToken): string => `sxe1.${token.caFingerprint}.${token.secret}`;

/** Reads a token as typed or pasted, or from all that `sextant token create` prints: it comes first. Throws SX_ENROLLMENT_TOKEN when it is not one. */
export function parseEnrollmentToken(text: string): EnrollmentToken {
  const match = pattern.exec(text.trim().split(/\s/, 1)[0] ?? '');
  if (!match?.[1] || !match[2]) {
    throw new SextantError('SX_ENROLLMENT_TOKEN', 'this is not an enrolment token (sxe1.<fingerprint>.<secret>)');
  }
  return { caFingerprint: match[1], secret: match[2] };
}
