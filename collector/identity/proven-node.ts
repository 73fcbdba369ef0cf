import { X509Certificate } from 'node:crypto';
import { type EnrollmentProof, isSignedEnrollment } from '../../protocol/enrollment-proof.ts';
import type { NodeCertificates } from './node-certificates.ts';

/**
 * The node that a request to enrol comes from, by a certificate that this collector gave out and whose key has signed the
 * request. Undefined for any other, and when it was revoked: whoever has that key is not the node any more.
 */
export function provenNode(
  request: { token: string; csr: string; proof?: EnrollmentProof },
  certificates: Pick<NodeCertificates, 'find'>,
): string | undefined {
  const { proof, token, csr } = request;
  if (proof === undefined) return undefined;
  try {
    const { fingerprint256, publicKey } = new X509Certificate(proof.certificate);
    const known = certificates.find(fingerprint256.replaceAll(':', '').toLowerCase());
    if (!known || known.revokedUnixMs !== null) return undefined;
    return isSignedEnrollment(publicKey, { token, csr, signature: proof.signature }) ? known.node : undefined;
  } catch {
    return undefined;
  }
}
