import { createHash, sign, verify } from 'node:crypto';
import { keyIdText, type MinisignPublicKey, type MinisignSecretKey } from './minisign-key.ts';

/** Prehashed Ed25519: the signature is over the file's BLAKE2b-512. */
const prehashed = Buffer.from('ED');
const blake2b512 = (content: Uint8Array): Buffer => createHash('blake2b512').update(content).digest();

/** Text of a `.minisig` file for this content. The trusted comment is covered by the global signature. */
export function signMinisign(content: Uint8Array, key: MinisignSecretKey, trustedComment: string): string {
  if (/[\r\n]/.test(trustedComment)) throw new Error('BUG: a trusted comment is one line');
  const signature = sign(null, blake2b512(content), key.key);
  const globalSignature = sign(null, Buffer.concat([signature, Buffer.from(trustedComment)]), key.key);
  return [
    `untrusted comment: signature by Sextant, key ${keyIdText(key.keyId)}`,
    Buffer.concat([prehashed, key.keyId, signature]).toString('base64'),
    `trusted comment: ${trustedComment}`,
    globalSignature.toString('base64'),
    '',
  ].join('\n');
}

export interface SignatureCheck {
  ok: boolean;
  /** What is wrong, or who signed. */
  detail: string;
  /** Only when both signatures hold. */
  trustedComment?: string;
}

/** Checks a `.minisig` text over this content against one key. Never throws for bad input. */
export function verifyMinisign(content: Uint8Array, signatureText: string, key: MinisignPublicKey): SignatureCheck {
  const lines = signatureText.split(/\r?\n/);
  const prefix = 'trusted comment: ';
  const packed = Buffer.from(lines[1] ?? '', 'base64');
  const comment = lines[2] ?? '';
  const globalSignature = Buffer.from(lines[3] ?? '', 'base64');
  if (packed.length !== 74 || globalSignature.length !== 64 || !comment.startsWith(prefix)) {
    return { ok: false, detail: 'not a minisign signature' };
  }
  if (!packed.subarray(0, 2).equals(prehashed)) return { ok: false, detail: 'not a prehashed Ed25519 signature' };
  const keyId = packed.subarray(2, 10);
  if (!keyId.equals(key.keyId)) {
    return { ok: false, detail: `signed by key ${keyIdText(keyId)}, expected key ${keyIdText(key.keyId)}` };
  }
  const signature = packed.subarray(10);
  if (!verify(null, blake2b512(content), key.key, signature))
    return { ok: false, detail: 'the signature does not fit' };
  const trustedComment = comment.slice(prefix.length);
  if (!verify(null, Buffer.concat([signature, Buffer.from(trustedComment)]), key.key, globalSignature)) {
    return { ok: false, detail: 'the trusted comment was changed' };
  }
  return { ok: true, detail: `signed by key ${keyIdText(keyId)}`, trustedComment };
}
