import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { writeFileAtomic } from '../../durable/atomic-write.ts';
import type { Authority } from './authority.ts';
import { exportPrivateKey, generateKeys } from './keys.ts';

const dayMs = 86_400_000;
/** Browsers refuse server certificates that are valid for longer than 398 days. */
const validForMs = 365 * dayMs;
const renewBeforeMs = 30 * dayMs;

export interface ServerCertificate {
  /** The server's certificate followed by the authority's. */
  chainPem: string;
  keyPem: string;
  /** Set when this call made a new one: why. */
  renewedBecause?: string;
}

/**
 * The certificate the collector answers with, from `folder`; made anew (with a new key) when it is missing, damaged,
 * from another authority, within 30 days of its end, or lacks one of `names`.
 */
export async function openServerCertificate(
  folder: string,
  options: { authority: Authority; names: readonly string[]; nowMs: () => number },
): Promise<ServerCertificate> {
  const keyFile = join(folder, 'server.key');
  const certificateFile = join(folder, 'server.crt');
  const { authority, nowMs } = options;
  const names = [...new Set(options.names.map((name) => name.toLowerCase()))];

  let renewedBecause: string;
  try {
    const pem = readFileSync(certificateFile, 'utf8');
    const keyPem = readFileSync(keyFile, 'utf8');
    const fault = faultOf(pem, keyPem, names, authority, nowMs());
    if (fault === undefined) return { chainPem: pem + authority.certificatePem, keyPem };
    renewedBecause = fault;
  } catch {
    renewedBecause = 'there was none that could be read';
  }

  const keys = await generateKeys();
  const { pem } = await authority.issue({
    commonName: names[0] ?? 'localhost',
    publicKey: keys.publicKey,
    validForMs,
    usage: 'serverAuth',
    alternativeNames: names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value })),
  });
  const keyPem = await exportPrivateKey(keys.privateKey);
  writeFileAtomic(keyFile, keyPem);
  writeFileAtomic(certificateFile, pem, 0o644);
  return { chainPem: pem + authority.certificatePem, keyPem, renewedBecause };
}

function faultOf(
  pem: string,
  keyPem: string,
  names: readonly string[],
  authority: Authority,
  nowMs: number,
): string | undefined {
  const certificate = new X509Certificate(pem);
  const issuer = new X509Certificate(authority.certificatePem);
  if (!certificate.checkPrivateKey(createPrivateKey(keyPem))) return 'its key did not fit';
  if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) return 'another authority signed it';
  if (certificate.validToDate.getTime() - nowMs < renewBeforeMs) return 'it nears its end';
  const missing = names.find((name) =>
    isIP(name)
      ? certificate.checkIP(name) === undefined
      : certificate.checkHost(name, { subject: 'never' }) === undefined,
  );
  return missing === undefined ? undefined : `it lacked the name ${missing}`;
}
