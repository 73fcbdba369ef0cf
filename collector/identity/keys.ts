import { createPrivateKey, KeyObject, webcrypto } from 'node:crypto';
import { signingAlgorithm } from './x509.ts';

/** A fresh P-256 pair whose private half can be written down. */
export const generateKeys = async (): Promise<CryptoKeyPair> =>
  (await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify'])) as CryptoKeyPair;

/** PKCS#8, PEM. */
export const exportPrivateKey = async (key: CryptoKey): Promise<string> =>
  String(KeyObject.from(key as webcrypto.CryptoKey).export({ type: 'pkcs8', format: 'pem' }));

export const importSigningKey = async (pem: string): Promise<CryptoKey> =>
  (await webcrypto.subtle.importKey(
    'pkcs8',
    createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' }),
    signingAlgorithm,
    false,
    ['sign'],
  )) as CryptoKey;
