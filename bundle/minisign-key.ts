import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../durable/atomic-write.ts';
import { SextantError } from '../errors/sextant-error.ts';

/** A public key in minisign's format: key id and Ed25519 key. */
export interface MinisignPublicKey {
  keyId: Buffer;
  key: KeyObject;
  /** Base64 line as it stands in a `.pub` file and after `minisign -P`. */
  line: string;
}

export interface MinisignSecretKey {
  keyId: Buffer;
  key: KeyObject;
  publicKey: MinisignPublicKey;
}

const algorithm = Buffer.from('Ed');
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** minisign shows key ids as a 64-bit little-endian number. */
export const keyIdText = (keyId: Buffer): string => Buffer.from(keyId).reverse().toString('hex').toUpperCase();

function publicKeyOf(keyId: Buffer, raw: Buffer): MinisignPublicKey {
  return {
    keyId,
    key: createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: 'der', type: 'spki' }),
    line: Buffer.concat([algorithm, keyId, raw]).toString('base64'),
  };
}

/** Reads a `.pub` file's text or the bare base64 line. Throws SX_BUNDLE_INVALID when it is neither. */
export function parsePublicKey(text: string): MinisignPublicKey {
  const line = text
    .split(/\r?\n/)
    .map((candidate) => candidate.trim())
    .find((candidate) => candidate !== '' && !candidate.startsWith('untrusted comment:'));
  const bytes = Buffer.from(line ?? '', 'base64');
  if (bytes.length !== 42 || !bytes.subarray(0, 2).equals(algorithm)) {
    throw new SextantError('SX_BUNDLE_INVALID', 'this is not a minisign public key', {
      nextStep: 'give the file that ends with .pub, as the site handed it over',
    });
  }
  return publicKeyOf(bytes.subarray(2, 10), bytes.subarray(10));
}

/** Text of a `.pub` file. */
const formatPublicKey = (key: MinisignPublicKey): string =>
  `untrusted comment: minisign public key ${keyIdText(key.keyId)}\n${key.line}\n`;

/** Text of an unencrypted secret key file, as `minisign -G -W` writes it; it is protected by its file mode alone. */
function formatSecretKey(keyId: Buffer, seed: Buffer, raw: Buffer): string {
  const bytes = Buffer.concat([
    algorithm,
    Buffer.alloc(2),
    Buffer.from('B2'),
    Buffer.alloc(48),
    keyId,
    seed,
    raw,
    Buffer.alloc(32),
  ]);
  return `untrusted comment: minisign secret key ${keyIdText(keyId)}\n${bytes.toString('base64')}\n`;
}

/** Reads the text of an unencrypted secret key file. Throws SX_BUNDLE_FAILED when it is something else. */
export function parseSecretKey(text: string): MinisignSecretKey {
  const bytes = Buffer.from(text.split('\n')[1] ?? '', 'base64');
  if (bytes.length !== 158 || bytes.readUInt16LE(2) !== 0) {
    throw new SextantError('SX_BUNDLE_FAILED', 'the signing key is not an unencrypted minisign secret key', {
      nextStep: 'restore collector/keys from a backup, or move it away to have a new key made',
    });
  }
  const keyId = bytes.subarray(54, 62);
  const seed = bytes.subarray(62, 94);
  return {
    keyId,
    key: createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' }),
    publicKey: publicKeyOf(keyId, bytes.subarray(94, 126)),
  };
}

/** A new key pair as the texts of minisign's two files; the secret one is not encrypted. */
export function generateSigningKey(): { secretText: string; publicText: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const keyId = randomBytes(8);
  return { secretText: formatSecretKey(keyId, seed, raw), publicText: formatPublicKey(publicKeyOf(keyId, raw)) };
}

/**
 * Reads a signing key of the site from `folder`, the one for bundles unless another is named, and makes it at the first
 * call: `NAME.key` (0600, minisign's own format, so `minisign -S` can sign with it) and `NAME.pub`.
 */
export function loadSigningKey(folder: string, name = 'sextant'): MinisignSecretKey {
  const path = join(folder, `${name}.key`);
  if (!existsSync(path)) writeSigningKey(folder, name, generateSigningKey());
  return parseSecretKey(readFileSync(path, 'utf8'));
}

/** Puts a key pair in place; what counts is the secret half, which comes last. */
export function writeSigningKey(folder: string, name: string, pair: { secretText: string; publicText: string }): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileAtomic(join(folder, `${name}.pub`), pair.publicText, 0o644);
  writeFileAtomic(join(folder, `${name}.key`), pair.secretText);
}
