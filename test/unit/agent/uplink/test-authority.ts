import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Identity } from '../../../../agent/identity/identity.ts';

cryptoProvider.set(globalThis.crypto);
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;

const cryptoKeys = ({ privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }): CryptoKeyPair => ({
  privateKey: privateKey.toCryptoKey(algorithm, true, ['sign']) as CryptoKey,
  publicKey: publicKey.toCryptoKey(algorithm, true, ['verify']) as CryptoKey,
});
const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** A certificate authority as the collector has one, with a certificate for a server on loopback. */
export interface TestAuthority {
  ca: string;
  server: { key: string; cert: string };
  identity(node: string, collectorUrl: string, lifetimeMs?: number): Promise<Identity>;
  sign(csr: string, node: string, lifetimeMs?: number): Promise<string>;
}

export async function createTestAuthority(): Promise<TestAuthority> {
  const caPair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const caKeys = cryptoKeys(caPair);
  const window = (lifetimeMs = dayMs) => ({
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + lifetimeMs),
  });
  const serialNumber = (): string => `01${randomBytes(15).toString('hex')}`;
  const ca = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: 'CN=Test CA',
    ...window(),
    keys: caKeys,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true, 0, true)],
  });
  const issue = (
    subject: string,
    publicKey: CryptoKey,
    extensions: SubjectAlternativeNameExtension[],
    lifetime?: number,
  ) =>
    X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: [{ CN: [subject] }],
      issuer: ca.subject,
      ...window(lifetime),
      publicKey,
      signingKey: caKeys.privateKey,
      signingAlgorithm: algorithm,
      extensions,
    });
  const serverPair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const serverCertificate = await issue('localhost', cryptoKeys(serverPair).publicKey, [
    new SubjectAlternativeNameExtension([
      { type: 'dns', value: 'localhost' },
      { type: 'ip', value: '127.0.0.1' },
    ]),
  ]);
  return {
    ca: ca.toString('pem'),
    server: { key: pem(serverPair.privateKey), cert: serverCertificate.toString('pem') },
    async identity(node, collectorUrl, lifetimeMs) {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const certificate = await issue(node, cryptoKeys(pair).publicKey, [], lifetimeMs);
      return {
        node,
        collectorUrl,
        key: pem(pair.privateKey),
        certificate: certificate.toString('pem'),
        ca: ca.toString('pem'),
      };
    },
    async sign(csr, node, lifetimeMs) {
      const request = new Pkcs10CertificateRequest(csr);
      if (!(await request.verify())) throw new Error('the request is not signed by its own key');
      const certificate = await issue(node, await request.publicKey.export(algorithm, ['verify']), [], lifetimeMs);
      return new X509Certificate(certificate.rawData).toString('pem');
    },
  };
}
