import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { AgeIdentity, AgeRecipient } from './key.ts';
import {
  fileKeyBytes,
  readUnpadded,
  type Stanza,
  unpadded,
  unwrapWithIdentity,
  unwrapWithPassphrase,
  wrapForPassphrase,
  wrapForRecipient,
} from './stanza.ts';

const version = 'age-encryption.org/v1';
/** A header with a hundred recipients has 20 KiB; more than this is no header of ours. */
export const maxHeaderBytes = 64 * 1024;
const columns = 64;

/** Who may open a file: recipients, or one passphrase. */
export type Lock = { recipients: readonly AgeRecipient[] } | { passphrase: string; workFactor?: number };
/** What a reader has. */
export type Unlock = { identities: readonly AgeIdentity[] } | { passphrase: string };

const macOf = (fileKey: Uint8Array, header: string): Buffer =>
  createHmac('sha256', Buffer.from(hkdfSync('sha256', fileKey, '', 'header', 32)))
    .update(header)
    .digest();

function formatStanza({ args, body }: Stanza): string {
  const text = unpadded(body);
  const lines: string[] = [];
  // A last line that is full is followed by an empty one (the body ends with a line shorter than the rest).
  for (let at = 0; at <= text.length; at += columns) lines.push(text.slice(at, at + columns));
  return `-> ${args.join(' ')}\n${lines.join('\n')}\n`;
}

/** A fresh file key and the header that carries it. */
export function makeHeader(lock: Lock): { fileKey: Buffer; header: Buffer } {
  const fileKey = randomBytes(fileKeyBytes);
  const stanzas =
    'passphrase' in lock
      ? [wrapForPassphrase(fileKey, lock.passphrase, lock.workFactor)]
      : lock.recipients.map((recipient) => wrapForRecipient(fileKey, recipient));
  if (stanzas.length === 0) throw new Error('BUG: nobody could open this file');
  const signed = `${version}\n${stanzas.map(formatStanza).join('')}---`;
  return { fileKey, header: Buffer.from(`${signed} ${unpadded(macOf(fileKey, signed))}\n`) };
}

/** What is said when the reader's keys are not those of a recipient. */
export const noIdentityOpens = 'none of these identities opens it';

const fault = (what: string): Error => new Error(`not a sound age file: ${what}`);

/** Where the header of these bytes ends; undefined when more bytes are needed. Throws when there is none. */
export function headerEnd(bytes: Buffer): number | undefined {
  const start = Buffer.from(`${version}\n`);
  const compared = Math.min(bytes.length, start.length);
  if (!bytes.subarray(0, compared).equals(start.subarray(0, compared))) throw fault('it does not begin like one');
  const footer = bytes.indexOf('\n--- ');
  const end = footer === -1 ? -1 : bytes.indexOf('\n', footer + 1);
  if (end === -1 && bytes.length > maxHeaderBytes) throw fault('its header has no end');
  return end === -1 ? undefined : end + 1;
}

/** Number of recipients, and the stanzas; the header is hostile input. Throws when it is malformed. */
export function parseHeader(header: Buffer): { stanzas: Stanza[]; signed: string; mac: Buffer } {
  const lines = header.toString('latin1').split('\n');
  const stanzas: Stanza[] = [];
  let at = 1;
  for (; lines[at]?.startsWith('-> '); ) {
    const args = (lines[at++] ?? '').slice(3).split(' ');
    let text = '';
    for (;;) {
      const line = lines[at++];
      if (line === undefined || line.length > columns) throw fault('a stanza has no end');
      text += line;
      if (line.length < columns) break;
    }
    const body = readUnpadded(text);
    if (!body || args.some((arg) => !/^[\x21-\x7e]+$/.test(arg))) throw fault('a stanza is malformed');
    stanzas.push({ args, body });
  }
  const footer = /^--- (\S{43})$/.exec(lines[at] ?? '');
  const mac = footer?.[1] === undefined ? undefined : readUnpadded(footer[1]);
  if (!mac || stanzas.length === 0) throw fault('its header is malformed');
  return { stanzas, signed: `${lines.slice(0, at).join('\n')}\n---`, mac };
}

/** The file key. Throws when none of what the reader has opens it, or the header was changed. */
export function openHeader(header: Buffer, unlock: Unlock): Buffer {
  const { stanzas, signed, mac } = parseHeader(header);
  for (const stanza of stanzas) {
    const fileKeys =
      'passphrase' in unlock
        ? [unwrapWithPassphrase(stanza, unlock.passphrase)]
        : unlock.identities.map((identity) => unwrapWithIdentity(stanza, identity));
    for (const fileKey of fileKeys) {
      if (!fileKey) continue;
      if (!timingSafeEqual(macOf(fileKey, signed), mac)) throw fault('its header was changed');
      return fileKey;
    }
  }
  throw new Error('passphrase' in unlock ? 'the passphrase does not open it' : noIdentityOpens);
}
