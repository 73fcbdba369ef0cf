import { SextantError } from '../../errors/sextant-error.ts';
import type { EnrollmentProof } from '../../protocol/enrollment-proof.ts';
import type { Audit } from '../state/audit.ts';
import type { State } from '../state/state.ts';
import type { Authority } from './authority.ts';
import { readCertificateRequest } from './certificate-request.ts';
import type { NodeCertificates } from './node-certificates.ts';
import { sanitiseNodeName, uniqueNodeName } from './node-name.ts';
import { provenNode } from './proven-node.ts';
import type { Tokens } from './tokens.ts';

const validForMs = 365 * 86_400_000;

interface EnrollmentRequest {
  /** The secret part of an enrolment token. */
  token: string;
  /** PKCS#10, PEM. */
  csr: string;
  hostName: string;
  os: string;
  version: string;
  /** Name that is asked for; the host name when absent. */
  node?: string;
  /** Of a node that enrols again: it keeps its name. */
  proof?: EnrollmentProof;
}

export interface Enrollment {
  node: string;
  /** PEM. */
  certificate: string;
  /** PEM. */
  ca: string;
  /** Public key, minisign, that pushed profiles will be signed with; when a node enrols. */
  profileKey?: string;
}

export interface EnrollmentDesk {
  /**
   * Turns a one-time token and a certificate request into a node of the site. Spending the token, the node's row
   * and its certificate's are one transaction. A name that another node has, or had, gets a number behind it; a node
   * that proves to be the one of that name keeps it. Throws SX_ENROLLMENT_TOKEN (with the reason) or SX_BAD_REQUEST.
   */
  enroll(request: EnrollmentRequest, from: string): Promise<Enrollment>;
  /**
   * A new certificate for a node that has proved itself with its present one, which stays valid until it ends.
   * Throws SX_CLIENT_CERTIFICATE when the node was revoked before the new one was written down.
   */
  renew(node: string, csr: string): Promise<Enrollment>;
}

export function createEnrollmentDesk(
  parts: { state: State; authority: Authority; certificates: NodeCertificates; tokens: Tokens; audit: Audit },
  capabilities: { nowMs: () => number; onEnrolled?: (node: string) => void; profileKey?: () => string },
): EnrollmentDesk {
  const { state, authority, certificates, tokens, audit } = parts;
  const insertNode = state.database.prepare(
    'INSERT INTO nodes (node, host_name, os, version, enrolled_unix_ms) VALUES (?, ?, ?, ?, ?)',
  );
  const renewNode = state.database.prepare(
    'UPDATE nodes SET host_name = ?, os = ?, version = ?, enrolled_unix_ms = ? WHERE node = ?',
  );
  const selectNode = state.database.prepare('SELECT 1 FROM nodes WHERE node = ?');
  const taken = (name: string) => selectNode.get(name) !== undefined;

  const refuse = (why: string, request: EnrollmentRequest, from: string): never => {
    audit('node.enrollment-refused', from, { why, hostName: request.hostName });
    throw new SextantError('SX_ENROLLMENT_TOKEN', `the enrolment token is ${why}`);
  };

  return {
    async enroll(request, from) {
      // Looked at first so that a stranger cannot make the collector do public-key work.
      const looked = tokens.check('enroll', request.token);
      if (!looked.ok) refuse(looked.why, request, from);
      const publicKey = await readCertificateRequest(request.csr);
      const asked = sanitiseNodeName(request.node ?? request.hostName);

      for (;;) {
        // Asked twice: it may be revoked while the certificate is signed.
        const isSame = () => provenNode(request, certificates) === asked;
        const again = isSame();
        const node = again ? asked : uniqueNodeName(asked, taken);
        const certificate = await authority.issue({ commonName: node, publicKey, validForMs, usage: 'clientAuth' });
        // Signing takes turns of the event loop: the name or the token may be gone by now.
        const outcome = state.transaction(() => {
          if (again ? !isSame() : taken(node)) return 'name-taken';
          const verdict = tokens.spend('enroll', request.token, node);
          if (!verdict.ok) return verdict.why;
          const { hostName, os, version } = request;
          if (again) renewNode.run(hostName, os, version, capabilities.nowMs(), node);
          else insertNode.run(node, hostName, os, version, capabilities.nowMs());
          certificates.record(node, certificate);
          audit('node.enrolled', node, { from, hostName, serial: certificate.serial, ...(again && { again }) });
          return 'enrolled';
        });
        if (outcome === 'name-taken') continue;
        if (outcome !== 'enrolled') refuse(outcome, request, from);
        capabilities.onEnrolled?.(node);
        const profileKey = capabilities.profileKey?.();
        const keys = profileKey === undefined ? {} : { profileKey };
        return { node, certificate: certificate.pem, ca: authority.certificatePem, ...keys };
      }
    },

    async renew(node, csr) {
      const publicKey = await readCertificateRequest(csr);
      const certificate = await authority.issue({ commonName: node, publicKey, validForMs, usage: 'clientAuth' });
      state.transaction(() => {
        // Signing takes turns of the event loop: a revocation in between counts for this certificate too.
        if (!certificates.isEnrolled(node)) {
          throw new SextantError('SX_CLIENT_CERTIFICATE', `the certificate of node ${node} was revoked`);
        }
        certificates.record(node, certificate);
        audit('node.certificate-renewed', node, { serial: certificate.serial });
      });
      return { node, certificate: certificate.pem, ca: authority.certificatePem };
    },
  };
}
