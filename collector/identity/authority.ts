import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../durable/atomic-write.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import { exportPrivateKey, generateKeys, importSigningKey } from './keys.ts';
import { signingAlgorithm, x509 } from './x509.ts';

const dayMs = 86_400_000;
const authorityYears = 10;

/** Clocks on a site without time service drift apart; a certificate is valid from a day before it was made. */
const backdateMs = dayMs;

interface CertificateOrder {
  commonName: string;
  publicKey: CryptoKey;
  validForMs: number;
  usage: 'serverAuth' | 'clientAuth';
  alternativeNames?: { type: 'dns' | 'ip'; value: string }[];
}

export interface IssuedCertificate {
  pem: string;
  /** Lower-case hexadecimal. */
  serial: string;
  /** Lower-case hexadecimal SHA-256 over the DER. */
  fingerprint: string;
  notBeforeUnixMs: number;
  notAfterUnixMs: number;
}

/** The site's own certificate authority. */
export interface Authority {
  readonly certificatePem: string;
  /** Lower-case hexadecimal SHA-256 over the DER: what an enrolment token carries. */
  readonly fingerprint: string;
  /** Signs; writes nothing down. */
  issue(order: CertificateOrder): Promise<IssuedCertificate>;
}

const fingerprintOf = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex');

/**
 * Opens the authority in `folder`, or makes it (ECDSA P-256, 10 years, key 0600) when there has never been one.
 * A certificate without its key is never replaced silently: every node of the site trusts it. SX_DATA_FOLDER then.
 */
export async function openAuthority(
  folder: string,
  options: { site: string; nowMs: () => number },
): Promise<Authority & { made: boolean }> {
  const keyFile = join(folder, 'ca.key');
  const certificateFile = join(folder, 'ca.crt');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const made = !existsSync(certificateFile);
  if (made) {
    const keys = await generateKeys();
    const certificate = await selfSigned(keys, options.site, options.nowMs());
    // Key first: a certificate on disk means that its key is there too.
    writeFileAtomic(keyFile, await exportPrivateKey(keys.privateKey));
    writeFileAtomic(certificateFile, certificate, 0o644);
  }

  let certificatePem: string;
  let signingKey: CryptoKey;
  try {
    certificatePem = readFileSync(certificateFile, 'utf8');
    const keyPem = readFileSync(keyFile, 'utf8');
    if (!new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem))) {
      throw new Error('the key is not the one of the certificate');
    }
    signingKey = await importSigningKey(keyPem);
  } catch (cause) {
    throw new SextantError('SX_DATA_FOLDER', `cannot use the authority in ${folder}: ${(cause as Error).message}`, {
      cause,
      nextStep: 'restore ca.key and ca.crt from a backup; without them every node has to enrol again',
    });
  }
  const authority = new x509.X509Certificate(certificatePem);

  return {
    made,
    certificatePem,
    fingerprint: fingerprintOf(new Uint8Array(authority.rawData)),
    async issue(order) {
      const serial = randomSerial();
      const nowMs = options.nowMs();
      const extensions: InstanceType<typeof x509.Extension>[] = [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[order.usage]]),
        await x509.SubjectKeyIdentifierExtension.create(order.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      ];
      if (order.alternativeNames) {
        extensions.push(new x509.SubjectAlternativeNameExtension(order.alternativeNames));
      }
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: serial,
        subject: [{ CN: [order.commonName] }],
        issuer: authority.subjectName,
        notBefore: new Date(nowMs - backdateMs),
        notAfter: new Date(Math.min(nowMs + order.validForMs, authority.notAfter.getTime())),
        publicKey: order.publicKey,
        signingKey,
        signingAlgorithm,
        extensions,
      });
      return {
        pem: `${certificate.toString('pem')}\n`,
        serial,
        fingerprint: fingerprintOf(new Uint8Array(certificate.rawData)),
        notBeforeUnixMs: certificate.notBefore.getTime(),
        notAfterUnixMs: certificate.notAfter.getTime(),
      };
    },
  };
}

async function selfSigned(keys: CryptoKeyPair, site: string, nowMs: number): Promise<string> {
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerial(),
    name: [{ CN: ['Sextant CA'] }, { O: [organisation(site)] }],
    notBefore: new Date(nowMs - backdateMs),
    notAfter: new Date(nowMs + authorityYears * 365 * dayMs),
    keys,
    signingAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

/** The library reads quotes, `#` and `\\` in a name as syntax; RFC 5280 allows 64 characters. */
const organisation = (site: string) =>
  site
    .replace(/[^\p{L}\p{N}._-]+/gu, ' ')
    .trim()
    .slice(0, 64) || 'site';

/** 128 random bits, positive and with a non-zero first byte, as RFC 5280 wants a serial number. */
function randomSerial(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}
