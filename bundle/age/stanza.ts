import {
  createCipheriv,
  createDecipheriv,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  scryptSync,
} from 'node:crypto';
import { type AgeIdentity, type AgeRecipient, publicKeyOf, rawPublicKey } from './key.ts';

/** One recipient stanza of an age header (age-encryption.org/v1): the file key, wrapped for one who may open it. */
export interface Stanza {
  args: string[];
  body: Buffer;
}

export const fileKeyBytes = 16;
const tagBytes = 16;
const wrappedBytes = fileKeyBytes + tagBytes;
const zeroNonce = Buffer.alloc(12);
const x25519Label = 'age-encryption.org/v1/X25519';
const scryptLabel = 'age-encryption.org/v1/scrypt';
/** age's own: about a second of work for each guess. */
const workFactor = 18;
/** What a header from outside may make us do: 2^20 blocks are 1 GiB. */
const maxWorkFactor = 20;

/** Base64 without padding, as age writes it. */
export const unpadded = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/=+$/, '');

/** Reads canonical unpadded base64; undefined for anything else. */
export function readUnpadded(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return unpadded(bytes) === text ? bytes : undefined;
}

function wrap(key: Uint8Array, fileKey: Uint8Array): Buffer {
  const cipher = createCipheriv('chacha20-poly1305', key, zeroNonce, { authTagLength: tagBytes });
  return Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
}

function unwrap(key: Uint8Array, body: Buffer): Buffer | undefined {
  if (body.length !== wrappedBytes) return undefined;
  const cipher = createDecipheriv('chacha20-poly1305', key, zeroNonce, { authTagLength: tagBytes });
  cipher.setAuthTag(body.subarray(fileKeyBytes));
  try {
    return Buffer.concat([cipher.update(body.subarray(0, fileKeyBytes)), cipher.final()]);
  } catch {
    return undefined;
  }
}

const x25519Key = (shared: Buffer, share: Uint8Array, recipient: Uint8Array): Buffer =>
  Buffer.from(hkdfSync('sha256', shared, Buffer.concat([share, recipient]), x25519Label, 32));

export function wrapForRecipient(fileKey: Uint8Array, recipient: AgeRecipient): Stanza {
  const ephemeral = generateKeyPairSync('x25519');
  const share = rawPublicKey(ephemeral.publicKey);
  const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: recipient.key });
  return { args: ['X25519', unpadded(share)], body: wrap(x25519Key(shared, share, recipient.raw), fileKey) };
}

/** The file key, when this stanza was made for this identity. */
export function unwrapWithIdentity(stanza: Stanza, identity: AgeIdentity): Buffer | undefined {
  const [type, shareText = ''] = stanza.args;
  const share = readUnpadded(shareText);
  if (type !== 'X25519' || stanza.args.length !== 2 || share?.length !== 32) return undefined;
  let shared: Buffer;
  try {
    shared = diffieHellman({ privateKey: identity.key, publicKey: publicKeyOf(share) });
  } catch {
    // A share of low order.
    return undefined;
  }
  return unwrap(x25519Key(shared, share, identity.recipient.raw), stanza.body);
}

function scryptKey(passphrase: string, salt: Uint8Array, logN: number): Buffer {
  const salted = Buffer.concat([Buffer.from(scryptLabel), salt]);
  return scryptSync(passphrase.normalize('NFC'), salted, 32, { N: 2 ** logN, r: 8, p: 1, maxmem: 2 ** (logN + 11) });
}

/** Wraps the file key under a passphrase; such a stanza stands alone in its header. */
export function wrapForPassphrase(fileKey: Uint8Array, passphrase: string, logN = workFactor): Stanza {
  const salt = randomBytes(16);
  return {
    args: ['scrypt', unpadded(salt), String(logN)],
    body: wrap(scryptKey(passphrase, salt, logN), fileKey),
  };
}

export function unwrapWithPassphrase(stanza: Stanza, passphrase: string): Buffer | undefined {
  const [type, saltText = '', logText = ''] = stanza.args;
  const salt = readUnpadded(saltText);
  if (type !== 'scrypt' || salt?.length !== 16 || !/^[1-9]\d?$/.test(logText)) return undefined;
  if (Number(logText) > maxWorkFactor) throw new Error(`the passphrase costs more work than 2^${maxWorkFactor}`);
  return unwrap(scryptKey(passphrase, salt, Number(logText)), stanza.body);
}
