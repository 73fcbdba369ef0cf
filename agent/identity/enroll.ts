import { createHash, createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { hostname } from 'node:os';
import { parsePublicKey } from '../../bundle/minisign-key.ts';
import { version } from '../../config/version.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import { type EnrollmentProof, signEnrollment } from '../../protocol/enrollment-proof.ts';
import { parseEnrollmentToken } from '../../protocol/enrollment-token.ts';
import { osDescription } from '../pipeline/resource.ts';
import { createCsr } from './csr.ts';
import { checkIdentityFolder, identityFolder, isEnrolled, loadIdentity, writeIdentity } from './identity.ts';
import { requestJson } from './request-json.ts';

export interface EnrollOptions {
  dataDir: string;
  /** `https://host:port`. */
  collectorUrl: string;
  /** As an administrator handed it over, `sxe1.…`. */
  token: string;
  /** Name wanted for this node; when empty the one that it has, or the host name. The collector has the last word. */
  node: string;
  /** Replaces an identity that is already there. */
  force?: boolean;
}

/**
 * Makes this node known to its collector and writes its identity.
 *
 * The CA is fetched without trust and believed only when its fingerprint is the token's; everything after that runs
 * over TLS that this CA vouches for. The private key is made here and never leaves. The identity appears as a whole
 * or not at all, and the token is sent only when it could be written. A node that was enrolled before proves it, and keeps
 * its name. Throws SX_ENROLLMENT_TOKEN, SX_NO_COLLECTOR, SX_BAD_REQUEST, SX_DATA_FOLDER.
 */
export async function enroll(options: EnrollOptions): Promise<void> {
  const { caFingerprint, secret } = parseEnrollmentToken(options.token);
  const origin = collectorOrigin(options.collectorUrl);
  if (isEnrolled(options.dataDir) && !options.force) {
    throw new SextantError('SX_BAD_REQUEST', `this node is already enrolled (${identityFolder(options.dataDir)})`, {
      nextStep: 'use it as it is, or enrol anew with --force',
    });
  }
  checkIdentityFolder(options.dataDir);
  const ca = await trustedCa(origin, caFingerprint);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const before = readBefore(options.dataDir);
  const wanted = options.node || before?.node;
  const csr = await createCsr({ privateKey, publicKey }, wanted ?? hostname());
  const answer = await requestJson(new URL('/api/v1/enroll', origin), {
    tls: { ca, minVersion: 'TLSv1.3' },
    method: 'POST',
    body: {
      token: secret,
      csr,
      hostName: hostname(),
      os: osDescription(),
      version,
      ...(wanted !== undefined && { node: wanted }),
      ...(before && { proof: before.prove({ token: secret, csr }) }),
    },
  });
  const { node: granted, certificate, profileKey } = answer as Record<string, unknown>;
  if (typeof granted !== 'string' || typeof certificate !== 'string') {
    throw new SextantError('SX_UNAVAILABLE', `${origin} answered the enrolment with something else`, {
      nextStep: 'look whether this is the address of a collector, https://HOST:8443',
    });
  }
  checkCertificate(certificate, ca, publicKey);
  writeIdentity(options.dataDir, {
    node: granted,
    collectorUrl: origin,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate,
    ca,
    ...(typeof profileKey === 'string' && { profileKey: parsePublicKey(profileKey).line }),
  });
}

interface Before {
  node: string;
  prove(request: { token: string; csr: string }): EnrollmentProof;
}

/** Who this node has been. Undefined when it is new, and when its identity is damaged, which is one reason to replace it. */
function readBefore(dataDir: string): Before | undefined {
  if (!isEnrolled(dataDir)) return undefined;
  try {
    const { node, key, certificate } = loadIdentity(dataDir);
    const privateKey = createPrivateKey(key);
    return { node, prove: (request) => ({ certificate, signature: signEnrollment(privateKey, request) }) };
  } catch {
    return undefined;
  }
}

function collectorOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:') {
    const given = text === '' ? 'and none was given' : `not ${text}`;
    throw new SextantError('SX_BAD_REQUEST', `the collector's address must be https://host:port, ${given}`, {
      nextStep: 'name it with --collector, and to the installer on Windows with COLLECTOR_URL',
    });
  }
  return url.origin;
}

/** The one connection without trust: its answer is only believed against the fingerprint. */
async function trustedCa(origin: string, fingerprint: string): Promise<string> {
  const pem = await requestJson(new URL('/api/v1/ca', origin), {
    tls: { rejectUnauthorized: false, minVersion: 'TLSv1.3' },
    method: 'GET',
    text: true,
  });
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem as string);
  } catch (cause) {
    throw new SextantError('SX_UNAVAILABLE', `${origin} has no CA certificate to give`, {
      cause,
      nextStep: 'look whether this is the address of a collector, https://HOST:8443',
    });
  }
  if (createHash('sha256').update(certificate.raw).digest('hex') !== fingerprint) {
    throw new SextantError('SX_ENROLLMENT_TOKEN', `${origin} is not the collector that this token was made for`, {
      nextStep: 'correct the address, or make a token at that collector with `sextant token create`',
    });
  }
  return certificate.toString();
}

/** Refuses a certificate that is not for our key or not from our CA. */
export function checkCertificate(pem: string, ca: string, publicKey: Parameters<X509Certificate['verify']>[0]): void {
  const certificate = new X509Certificate(pem);
  const issuer = new X509Certificate(ca);
  const sameKey = certificate.publicKey.equals(publicKey);
  if (!sameKey || !certificate.verify(issuer.publicKey)) {
    throw new SextantError('SX_UNAVAILABLE', 'the collector answered with a certificate that is not for this node');
  }
}
