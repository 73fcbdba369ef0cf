import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatIdentityFile, generateIdentity, parseIdentity, parseIdentityFile } from '../../../../bundle/age/key.ts';
import { pinnedRecipients } from '../../../../bundle/age/recipients.ts';
import { decryptStream, encryptStream } from '../../../../bundle/age/stream.ts';

const run = promisify(execFile);
const [age, keygen] = ['age', 'age-keygen'];
const hasAge = spawnSync(age, ['--version']).status === 0;
if (!hasAge) console.error('\n  !!  age is not installed: its tests are SKIPPED\n');

let folder: string;
const vendor = generateIdentity();
const recovery = generateIdentity();
const lock = { recipients: [vendor.recipient, recovery.recipient] };
const sizes = [0, 1, 65_535, 65_536, 65_537, 131_072, 300_000];
const content = (size: number): Buffer => Buffer.alloc(size, 'evidence ');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sextant-age-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function all(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
function* inPieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test.each(sizes)('%i bytes come back for each recipient, whatever the pieces', async (size) => {
  const encrypted = await all(encryptStream(inPieces(content(size), 10_007), lock));
  for (const identity of [vendor, recovery]) {
    for (const piece of [4099, 1 << 20]) {
      const plain = await all(decryptStream(inPieces(encrypted, piece), { identities: [identity] }));
      expect(plain.equals(content(size))).toBe(true);
    }
  }
});

test('nobody else opens it, and the message tells no key', async () => {
  const encrypted = await all(encryptStream([content(10)], lock));
  await expect(all(decryptStream([encrypted], { identities: [generateIdentity()] }))).rejects.toThrow(
    'none of these identities opens it',
  );
});

test('a changed byte anywhere, and every cut, is found', async () => {
  const encrypted = await all(encryptStream([content(70_000)], lock));
  const places = [5, 40, 120, 200, encrypted.length - 70_050, encrypted.length - 30_000, encrypted.length - 1];
  for (const at of places) {
    const changed = Buffer.from(encrypted);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await expect(all(decryptStream([changed], { identities: [vendor] })), String(at)).rejects.toThrow();
  }
  for (const length of [0, 10, 300, 1000, encrypted.length - 4464 - 16, encrypted.length - 1]) {
    const cut = encrypted.subarray(0, length);
    await expect(all(decryptStream([cut], { identities: [vendor] })), String(length)).rejects.toThrow();
  }
});

test('a header without an end is refused within its bound', async () => {
  const endless = Buffer.from(`age-encryption.org/v1\n${'-> X25519 x\n'.repeat(20_000)}`);
  await expect(all(decryptStream(inPieces(endless, 4096), { identities: [vendor] }))).rejects.toThrow('has no end');
});

test('keys that are none are refused without being repeated', () => {
  expect(() => parseIdentity('AGE-SECRET-KEY-1NOPE')).toThrow(/^this is not an age identity/);
  expect(() => pinnedRecipients(['age1nope', recovery.recipient.text])).toThrow(
    /collector\.bundles\.recipients: entry 1/,
  );
  expect(() => pinnedRecipients([vendor.recipient.text])).toThrow(/only one recipient/);
  expect(pinnedRecipients([])).toEqual([]);
  expect(pinnedRecipients([vendor.recipient.text, recovery.recipient.text])).toHaveLength(2);
});

describe.skipIf(!hasAge)('the age program', () => {
  test('opens what we encrypt, with either identity', async () => {
    await writeFile(join(folder, 'ours.age'), await all(encryptStream([content(200_000)], lock)));
    for (const identity of [vendor, recovery]) {
      await writeFile(join(folder, 'key'), formatIdentityFile(identity, 0), { mode: 0o600 });
      await run(age, ['-d', '-i', join(folder, 'key'), '-o', join(folder, 'plain'), join(folder, 'ours.age')]);
      expect((await readFile(join(folder, 'plain'))).equals(content(200_000))).toBe(true);
    }
  });

  test('encrypts what we open, and makes keys that we read', async () => {
    const { stdout: text } = await run(keygen);
    const [identity] = parseIdentityFile(text);
    expect(identity?.recipient.text).toBe(/age1\S+/.exec(text)?.[0]);
    await writeFile(join(folder, 'in'), content(150_000));
    const to = ['-r', vendor.recipient.text, '-r', identity?.recipient.text ?? ''];
    await run(age, [...to, '-o', join(folder, 'theirs.age'), join(folder, 'in')]);
    const encrypted = await readFile(join(folder, 'theirs.age'));
    const plain = await all(decryptStream([encrypted], { identities: identity ? [identity] : [] }));
    expect(plain.equals(content(150_000))).toBe(true);
  });
});

test('a passphrase opens what it closed, another does not', async () => {
  const encrypted = await all(encryptStream([content(100)], { passphrase: 'correct horse', workFactor: 10 }));
  expect(encrypted.toString('latin1')).toMatch(/^age-encryption\.org\/v1\n-> scrypt \S{22} 10\n/);
  expect(await all(decryptStream([encrypted], { passphrase: 'correct horse' }))).toEqual(content(100));
  await expect(all(decryptStream([encrypted], { passphrase: 'wrong' }))).rejects.toThrow('does not open it');
});
