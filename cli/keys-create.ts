import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatIdentityFile, generateIdentity } from '../bundle/age/key.ts';
import { encryptStream } from '../bundle/age/stream.ts';
import { generateSigningKey } from '../bundle/minisign-key.ts';
import { writeFileAtomic } from '../durable/atomic-write.ts';
import { makeFolder } from '../durable/make-folder.ts';
import { SextantError } from '../errors/sextant-error.ts';
import type { KeysCreateOptions } from './keys.ts';
import { unreadable } from './named-path.ts';
import { print } from './output.ts';

const minPassphraseChars = 12;

/** Writes an age identity and a minisign key pair, secret halves 0600; refuses when any of the files is there already. */
export async function createKeys(options: KeysCreateOptions): Promise<void> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(options.name)) {
    throw new SextantError('SX_BAD_REQUEST', `--name ${options.name} is no name of a file`, {
      nextStep: 'take letters, digits, dots and hyphens, at most 64',
    });
  }
  const passphrase = options.passphraseFile === undefined ? undefined : readPassphrase(options.passphraseFile);
  const path = (extension: string): string => join(options.out, `${options.name}.${extension}`);
  const files = { identity: path('agekey'), recipient: path('agepub'), signing: path('key'), publicKey: path('pub') };
  const there = Object.values(files).find((file) => existsSync(file));
  if (there) {
    throw new SextantError('SX_BAD_REQUEST', `${there} is there already`, {
      nextStep: 'choose another --name or --out; a lost key cannot be made again',
    });
  }
  try {
    makeFolder(options.out, 0o777);
    const identity = generateIdentity();
    const text = Buffer.from(formatIdentityFile(identity, Date.now()));
    const chunks: Buffer[] = [];
    if (passphrase === undefined) chunks.push(text);
    else for await (const chunk of encryptStream([text], { passphrase })) chunks.push(chunk);
    writeFileAtomic(files.identity, Buffer.concat(chunks));
    writeFileAtomic(files.recipient, `${identity.recipient.text}\n`, 0o644);
    const signing = generateSigningKey();
    writeFileAtomic(files.signing, signing.secretText);
    writeFileAtomic(files.publicKey, signing.publicText, 0o644);
    const publicKey = signing.publicText.split('\n')[1] ?? '';
    if (options.json) {
      await print(`${JSON.stringify({ recipient: identity.recipient.text, publicKey, files })}\n`);
      return;
    }
    await print(
      `Recipient: ${identity.recipient.text}\nPublic key: ${publicKey}\n\n` +
        `${files.identity}  opens bundles: keep it secret, and keep a copy in a safe\n` +
        `${files.recipient}  give to the site, for collector.bundles.recipients in sextant.yaml\n` +
        `${files.signing}  signs: keep it secret\n${files.publicKey}  checks signatures: hand it to whoever opens bundles\n`,
    );
  } catch (cause) {
    if (cause instanceof SextantError) throw cause;
    throw new SextantError('SX_BAD_REQUEST', `--out: cannot write to ${options.out}: ${(cause as Error).message}`, {
      cause,
      nextStep: 'name a folder that this user may write to',
    });
  }
}

function readPassphrase(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').split(/\r?\n/, 1)[0] ?? '';
  } catch (cause) {
    throw unreadable(path, cause, '--passphrase-file');
  }
  if (text.length < minPassphraseChars) {
    throw new SextantError('SX_BAD_REQUEST', `the passphrase is shorter than ${minPassphraseChars} characters`, {
      nextStep: 'write a longer one into the first line of the file',
    });
  }
  return text;
}
