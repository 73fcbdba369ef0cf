import 'reflect-metadata';
import { createHash, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

interface KeyAndCertificate {
  key: string;
  cert: string;
}
export interface TestCertificates {
  authorityFile: string;
  otherAuthorityFile: string;
  /** For localhost and 127.0.0.1, by the authority. */
  good: KeyAndCertificate;
  goodFingerprint: string;
  expired: KeyAndCertificate;
  wrongName: KeyAndCertificate;
  selfSigned: KeyAndCertificate;
  /** By an authority that nobody trusts. */
  untrusted: KeyAndCertificate;
  client: KeyAndCertificate;
  /** Revocation lists of the authority: one due in a day, one that was due. */
  crl: Buffer;
  overdueCrl: Buffer;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const day = 86_400_000;
type Keys = CryptoKeyPair;

/** Real certificates for servers that are right and wrong in the ways that probes name. */
export async function createTestCertificates(folder: string): Promise<TestCertificates> {
  const authority = await createAuthority('CN=Test Site CA');
  const other = await createAuthority('CN=Other CA');
  const authorityFile = join(folder, 'authority.pem');
  const otherAuthorityFile = join(folder, 'other.pem');
  writeFileSync(authorityFile, authority.certificate.toString('pem'));
  writeFileSync(otherAuthorityFile, other.certificate.toString('pem'));
  const now = Date.now();
  const good = await issue(authority, { name: 'localhost', notAfter: now + 20 * day });
  const crl = async (nextUpdate: number) =>
    Buffer.from(
      (
        await x509.X509CrlGenerator.create({
          issuer: authority.certificate.subject,
          thisUpdate: new Date(now - 10 * day),
          nextUpdate: new Date(nextUpdate),
          signingKey: authority.keys.privateKey,
          signingAlgorithm: algorithm,
          entries: [],
        })
      ).rawData,
    );
  return {
    authorityFile,
    otherAuthorityFile,
    good,
    goodFingerprint: createHash('sha256').update(new X509Certificate(good.cert).raw).digest('hex'),
    expired: await issue(authority, { name: 'localhost', notAfter: now - day }),
    wrongName: await issue(authority, { name: 'elsewhere.example', notAfter: now + 20 * day }),
    selfSigned: await issue(undefined, { name: 'localhost', notAfter: now + 20 * day }),
    untrusted: await issue(other, { name: 'localhost', notAfter: now + 20 * day }),
    client: await issue(authority, { name: 'operator', notAfter: now + 20 * day }),
    crl: await crl(now + day),
    overdueCrl: await crl(now - day),
  };
}

interface Authority {
  certificate: x509.X509Certificate;
  keys: Keys;
}

const newKeys = async (): Promise<Keys> =>
  (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as unknown as Keys;

async function createAuthority(name: string): Promise<Authority> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    notBefore: new Date(Date.now() - 400 * day),
    notAfter: new Date(Date.now() + 400 * day),
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  return { certificate, keys };
}

async function issue(
  authority: Authority | undefined,
  { name, notAfter }: { name: string; notAfter: number },
): Promise<KeyAndCertificate> {
  const keys = await newKeys();
  const alternatives: x509.JsonGeneralName[] = [{ type: 'dns', value: name }];
  if (name === 'localhost') alternatives.push({ type: 'ip', value: '127.0.0.1' });
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: authority?.certificate.subject ?? `CN=${name}`,
    notBefore: new Date(Date.now() - 30 * day),
    notAfter: new Date(notAfter),
    publicKey: keys.publicKey,
    signingKey: authority?.keys.privateKey ?? keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension(alternatives)],
  });
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey as never);
  return { key: x509.PemConverter.encode(key, 'PRIVATE KEY'), cert: certificate.toString('pem') };
}
