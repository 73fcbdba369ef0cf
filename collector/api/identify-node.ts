import type { TLSSocket } from 'node:tls';
import { SextantError } from '../../errors/sextant-error.ts';
import type { NodeCertificates } from '../identity/node-certificates.ts';
import type { Identity } from './identity.ts';

type NodeIdentity = Extract<Identity, { kind: 'node' }>;

/** The node of a certificate whose key its bearer has; throws SX_CLIENT_CERTIFICATE with the reason. */
export function createFingerprintIdentifier(parts: {
  certificates: Pick<NodeCertificates, 'find'>;
  nowMs: () => number;
}): (fingerprint256: string) => NodeIdentity {
  return (fingerprint256) => {
    const known = parts.certificates.find(fingerprint256.replaceAll(':', '').toLowerCase());
    if (!known) throw refused('the client certificate is not one of an enrolled node');
    if (known.revokedUnixMs !== null) throw refused(`the certificate of node ${known.node} was revoked`);
    if (known.notAfterUnixMs <= parts.nowMs()) throw refused(`the certificate of node ${known.node} has expired`);
    return { kind: 'node', node: known.node, serial: known.serial };
  };
}

/**
 * The node that a connection's client certificate proves: signed by this site's authority, in date, known to
 * state.db and not revoked. Looked up for each request, so that a revocation also ends connections that are open.
 * Throws SX_CLIENT_CERTIFICATE with the reason.
 */
export function createNodeIdentifier(parts: {
  certificates: NodeCertificates;
  nowMs: () => number;
}): (socket: TLSSocket) => NodeIdentity {
  // Parsing a certificate costs far more than the look-up; it cannot change during a connection.
  const fingerprints = new WeakMap<TLSSocket, string>();
  const nodeOf = createFingerprintIdentifier(parts);

  return (socket) => {
    let fingerprint = fingerprints.get(socket);
    if (fingerprint === undefined) {
      const certificate = socket.getPeerX509Certificate();
      if (!certificate) throw refused('no client certificate was presented');
      if (!socket.authorized) throw refused(`the client certificate is not accepted (${socket.authorizationError})`);
      fingerprint = certificate.fingerprint256;
      fingerprints.set(socket, fingerprint);
    }
    return nodeOf(fingerprint);
  };
}

const refused = (why: string) => new SextantError('SX_CLIENT_CERTIFICATE', why);
