import type { KeyObject } from 'node:crypto';

/**
 * A PKCS #10 request for a client certificate, PEM, common name = the node's name.
 *
 * The X.509 library is loaded here and only here: it costs 20 MiB, and a running agent needs it once in months.
 */
export async function createCsr(
  keys: { privateKey: KeyObject; publicKey: KeyObject },
  commonName: string,
): Promise<string> {
  await import('reflect-metadata');
  const { Pkcs10CertificateRequestGenerator } = await import('@peculiar/x509');
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
