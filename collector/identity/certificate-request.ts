import { SextantError } from '../../errors/sextant-error.ts';
import { signingAlgorithm, x509 } from './x509.ts';

/** A P-256 request without attributes is about 400 characters. */
export const maxRequestCharacters = 8192;

/**
 * Takes the public key out of a PKCS#10 request (PEM). Names and extensions in it count for nothing: the collector
 * decides what a node is called. Throws SX_BAD_REQUEST unless the key is on P-256 and signed the request.
 */
export async function readCertificateRequest(pem: string): Promise<CryptoKey> {
  if (pem.length > maxRequestCharacters) throw refused(`longer than ${maxRequestCharacters} characters`);
  let request: InstanceType<typeof x509.Pkcs10CertificateRequest>;
  let publicKey: CryptoKey;
  try {
    request = new x509.Pkcs10CertificateRequest(pem);
  } catch (cause) {
    throw refused('not a PKCS#10 request in PEM', cause);
  }
  const algorithm = request.publicKey.algorithm as { name: string; namedCurve?: string };
  if (algorithm.name !== 'ECDSA' || algorithm.namedCurve !== signingAlgorithm.namedCurve) {
    throw refused('its key is not on the curve P-256');
  }
  let signed = false;
  try {
    signed = await request.verify();
    publicKey = await request.publicKey.export(signingAlgorithm, ['verify']);
  } catch (cause) {
    throw refused('its key or signature cannot be read', cause);
  }
  if (!signed) throw refused('it is not signed by its own key');
  return publicKey;
}

const refused = (why: string, cause?: unknown) =>
  new SextantError('SX_BAD_REQUEST', `the certificate request is not usable: ${why}`, { cause });
