import { type KeyObject, sign, verify } from 'node:crypto';

/**
 * What a node that enrols again shows of who it was: its certificate, and a signature of that key over the new request.
 * With it the node keeps its name, which anybody else's would get a number behind.
 */
export interface EnrollmentProof {
  /** PEM; one that has expired proves as much. */
  certificate: string;
  /** base64, ECDSA with SHA-256. */
  signature: string;
}

/** Nothing else that these keys sign begins like it; the token makes it good once. */
const statement = (token: string, csr: string): Buffer => Buffer.from(`sextant-enroll-again/1\n${token}\n${csr}`);

export const signEnrollment = (key: KeyObject, { token, csr }: { token: string; csr: string }): string =>
  sign('sha256', statement(token, csr), key).toString('base64');

export const isSignedEnrollment = (
  key: KeyObject,
  { token, csr, signature }: { token: string; csr: string; signature: string },
): boolean => verify('sha256', statement(token, csr), key, Buffer.from(signature, 'base64'));
