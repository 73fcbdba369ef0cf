import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import { SextantError } from '../../errors/sextant-error.ts';

/** Who this node is to its collector, as `enroll` left it. */
export interface Identity {
  node: string;
  /** `https://host:port`. */
  collectorUrl: string;
  /** PEM. */
  key: string;
  certificate: string;
  ca: string;
}

export const identityFolder = (dataDir: string): string => join(dataDir, 'agent', 'identity');

export const isEnrolled = (dataDir: string): boolean => existsSync(join(identityFolder(dataDir), 'agent.json'));

/** Reads the identity. Throws SX_CLIENT_CERTIFICATE when this node has not been enrolled. */
export function loadIdentity(dataDir: string): Identity {
  const folder = identityFolder(dataDir);
  try {
    const { node, collector } = JSON.parse(readFileSync(join(folder, 'agent.json'), 'utf8'));
    return {
      node,
      collectorUrl: collector,
      key: readFileSync(join(folder, 'node.key'), 'utf8'),
      certificate: readFileSync(join(folder, 'node.crt'), 'utf8'),
      ca: readFileSync(join(folder, 'ca.crt'), 'utf8'),
    };
  } catch (cause) {
    throw new SextantError('SX_CLIENT_CERTIFICATE', `this node has no identity in ${folder}`, { cause });
  }
}

/** TLS towards the collector: its CA and no other, its name in the certificate, our certificate, TLS 1.3. */
export const tlsOptions = (identity: Identity): SecureContextOptions & { rejectUnauthorized: true } => ({
  ca: identity.ca,
  cert: identity.certificate,
  key: identity.key,
  minVersion: 'TLSv1.3',
  rejectUnauthorized: true,
});
