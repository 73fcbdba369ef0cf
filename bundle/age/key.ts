import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { bech32 } from '@scure/base';
import { SextantError } from '../../errors/sextant-error.ts';

const recipientPrefix = 'age';
const identityPrefix = 'age-secret-key-';
const spkiPrefix = Buffer.from('302a300506032b656e032100', 'hex');
const pkcs8Prefix = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** An age recipient (`age1…`): an X25519 public key. */
export interface AgeRecipient {
  text: string;
  raw: Buffer;
  key: KeyObject;
}

/** An age identity (`AGE-SECRET-KEY-1…`): the private half. */
export interface AgeIdentity {
  /** Secret. */
  text: string;
  key: KeyObject;
  recipient: AgeRecipient;
}

export const publicKeyOf = (raw: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: 'der', type: 'spki' });

export const rawPublicKey = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' }).subarray(-32);

function decode(text: string, prefix: string, what: string): Buffer {
  const fault = (): SextantError => new SextantError('SX_CONFIG_INVALID', `this is not an age ${what}`);
  try {
    const { prefix: found, bytes } = bech32.decodeToBytes(text);
    if (found !== prefix || bytes.length !== 32) throw fault();
    return Buffer.from(bytes);
  } catch {
    // The text may be a secret that was pasted into the wrong place: it is not repeated.
    throw fault();
  }
}

const encodeRecipient = (raw: Uint8Array): string => bech32.encodeFromBytes(recipientPrefix, raw);

/** Reads `age1…`. Throws SX_CONFIG_INVALID. */
export function parseRecipient(text: string): AgeRecipient {
  const raw = decode(text.trim(), recipientPrefix, 'recipient (age1…)');
  return { text: encodeRecipient(raw), raw, key: publicKeyOf(raw) };
}

function identityOf(seed: Uint8Array): AgeIdentity {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
  const raw = rawPublicKey(createPublicKey(key));
  return {
    text: bech32.encodeFromBytes(identityPrefix, seed).toUpperCase(),
    key,
    recipient: { text: encodeRecipient(raw), raw, key: publicKeyOf(raw) },
  };
}

/** Reads `AGE-SECRET-KEY-1…`. Throws SX_CONFIG_INVALID; the message never holds the text. */
export const parseIdentity = (text: string): AgeIdentity =>
  identityOf(decode(text.trim(), identityPrefix, 'identity (AGE-SECRET-KEY-1…)'));

export const generateIdentity = (): AgeIdentity => identityOf(randomBytes(32));

/** Text of an identity file as `age-keygen` writes it. */
export const formatIdentityFile = (identity: AgeIdentity, createdMs: number): string =>
  `# created: ${new Date(createdMs).toISOString()}\n# public key: ${identity.recipient.text}\n${identity.text}\n`;

/** Every identity of an identity file's text; comments and blank lines are skipped. Throws SX_CONFIG_INVALID. */
export function parseIdentityFile(text: string): AgeIdentity[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (lines.length === 0) throw new SextantError('SX_CONFIG_INVALID', 'this file holds no age identity');
  return lines.map(parseIdentity);
}
