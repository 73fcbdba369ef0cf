import type { KeyObject } from 'node:crypto';
import { loadX509Library } from './x509-library.ts';

/** A PKCS #10 request for a client certificate, PEM, common name = the node's name. */
export async function createCsr(
  keys: { privateKey: KeyObject; publicKey: KeyObject },
  commonName: string,
): Promise<string> {
  const { Pkcs10CertificateRequestGenerator } = await loadX509Library();
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const request = await Pkcs10CertificateRequestGenerator.create(
    {
      name: [{ CN: [commonName] }],
      keys: {
        privateKey: keys.privateKey.toCryptoKey(algorithm, true, ['sign']) as CryptoKey,
        publicKey: keys.publicKey.toCryptoKey(algorithm, true, ['verify']) as CryptoKey,
      },
      signingAlgorithm: algorithm,
    },
    globalThis.crypto,
  );
  return request.toString('pem');
}
