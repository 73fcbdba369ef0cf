import { writeFileSync } from 'node:fs';
import { lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { formatIdentityFile, generateIdentity, parseIdentityFile } from '../../../bundle/age/key.ts';
import { encryptPayload } from '../../../bundle/encrypt-payload.ts';
import { extractBundle } from '../../../bundle/extract.ts';
import { loadSigningKey } from '../../../bundle/minisign-key.ts';
import { renderReport } from '../../../bundle/report.ts';
import { sealBundle } from '../../../bundle/seal.ts';
import { openSoundBundle } from '../../../bundle/sound-bundle.ts';
import { createStaging } from '../../../bundle/staging.ts';
import { createVolumeWriter } from '../../../bundle/volume-writer.ts';
import { forgeVolume, forgeZip64 } from './forged-volume.ts';
import { makeSampleBundle, sampleCoverage, temporaryFolder } from './sample-bundle.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Signed as any bundle is: whoever makes a hostile one has a key too. */
async function sealed(volumes: Record<string, Buffer>, recipients: ReturnType<typeof generateIdentity>[] = []) {
  const coverage = sampleCoverage();
  coverage.bundle.recipients = recipients.length;
  const stagingFolder = await createStaging(folder, coverage.bundle.name);
  for (const [name, bytes] of Object.entries(volumes)) await writeFile(join(stagingFolder, 'data', name), bytes);
  await encryptPayload(
    join(stagingFolder, 'data'),
    recipients.map((one) => one.recipient),
  );
  const report = renderReport({ coverage, alerts: [], inventories: [], charts: [] });
  return sealBundle({ stagingFolder, coverage, report, key: loadSigningKey(join(folder, 'keys')) });
}

/** Every path below a folder, links not followed. */
async function everything(at: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(at, { withFileTypes: true, recursive: true }))
    found.push(relative(at, join(entry.parentPath, entry.name)));
  return found.sort();
}

test.each<[string, Record<string, Buffer>, RegExp]>([
  ['climbs out', { 'n.v001.zip': forgeVolume([{ path: '../../../escaped' }]) }, /invalid relative path/],
  ['has ten million entries', { 'n.v001.zip': forgeZip64(10_000_000n) }, /10000000 entries/],
  ['is a bomb', { 'n.v001.zip': forgeVolume([{ content: Buffer.alloc(2 ** 21) }]) }, /like a bomb/],
  [
    'says one path in two volumes',
    { 'n.v001.zip': forgeVolume([{}]), 'n.v002.zip': forgeVolume([{ path: 'A.log' }]) },
    /there twice/,
  ],
  ['is named like a device', { 'con.v001.zip': forgeVolume([{}]) }, /device of Windows/],
  ['holds no zip', { 'n.v001.zip': Buffer.from('MZ') }, /n\.v001\.zip \(zip\)/],
])('a signed bundle that %s is refused with the reason, and nothing is written', async (_, volumes, expected) => {
  const { path } = await sealed(volumes);
  const before = await everything(folder);
  await expect(openSoundBundle([path])).rejects.toThrow(expected);
  expect(await everything(folder)).toEqual(before);
});

test('the same inside of an encrypted volume is refused when it is decrypted, and no plaintext stays', async () => {
  const [mine, other] = [generateIdentity(), generateIdentity()];
  const { path } = await sealed({ 'n.v001.zip': forgeVolume([{ path: '../up' }]) }, [mine, other]);
  const before = await everything(folder);
  await expect(openSoundBundle([path], { identities: [mine] })).rejects.toThrow(/invalid relative path/);
  expect(await everything(folder)).toEqual(before);
});

test('a bundle signed by another key than the one that was handed over is refused', async () => {
  const { path } = await makeSampleBundle(folder);
  const strangers = [loadSigningKey(join(folder, 'stranger')), loadSigningKey(join(folder, 'stranger2'))];
  const keys = strangers.map((key) => key.publicKey);
  await expect(openSoundBundle([path], { keys })).rejects.toThrow(/signed by key .* expected key/);
  const site = loadSigningKey(join(folder, 'keys')).publicKey;
  expect(await openSoundBundle([path], { keys: [...keys, site] })).toMatchObject({ report: { trust: 'pinned' } });
});

test.each<[string, (path: string) => Promise<void>, RegExp]>([
  [
    'lists what lies outside',
    (path) => writeFile(join(path, 'manifest-sha512.txt'), `${'0'.repeat(128)}  data/../../secret\n`),
    /manifest-sha512\.txt/,
  ],
  [
    'lists a volume that is not there',
    async (path) => rm(join(path, 'data/node-1.v001.zip')),
    /data\/node-1\.v001\.zip: missing/,
  ],
  [
    'has a link in the place of a volume',
    async (path) => {
      const file = join(path, 'data/node-1.v001.zip');
      await rm(file);
      await symlink('/etc/passwd', file);
    },
    /link/,
  ],
  ['has a file that nobody listed', (path) => writeFile(join(path, 'data/autorun.exe'), 'MZ'), /extra/],
  [
    'has coverage of another make',
    (path) => writeFile(join(path, 'coverage.json'), '{"format":"sextant-coverage/1"}'),
    /coverage\.json: changed/,
  ],
])('a bundle that %s is refused', async (_, change, expected) => {
  const { path } = await makeSampleBundle(folder);
  await change(path);
  await expect(openSoundBundle([path])).rejects.toThrow(expected);
});

test('extracting writes what was put in, parts joined, and nothing beside the target', async () => {
  const coverage = sampleCoverage();
  const stagingFolder = await createStaging(folder, coverage.bundle.name);
  const limits = { maxBytes: 2 ** 19, maxEntries: 100, level: 1 };
  const writer = createVolumeWriter({ folder: join(stagingFolder, 'data'), base: 'node-1' }, limits);
  const big = Buffer.from(Array.from({ length: 150_000 }, (_, at) => `${at * 7919} `).join(''));
  await writer.add({ path: 'small.log', modifiedMs: Date.UTC(2026, 10, 1) }, [Buffer.from('one\n')]);
  await writer.add({ path: 'big.log', modifiedMs: 0 }, [big]);
  await writer.add({ path: 'big.log/below', modifiedMs: 0 }, [Buffer.from('two\n')]);
  expect((await writer.close()).length).toBeGreaterThan(1);
  const report = renderReport({ coverage, alerts: [], inventories: [], charts: [] });
  const { path } = await sealBundle({ stagingFolder, coverage, report, key: loadSigningKey(join(folder, 'keys')) });

  const to = join(folder, 'out/here');
  const bundle = await openSoundBundle([path]);
  expect(await extractBundle(bundle, { to })).toMatchObject({ files: 3, bytes: big.length + 8 });
  expect(await readFile(join(to, 'node-1/big.log'))).toEqual(big);
  expect(await everything(join(to, 'node-1'))).toEqual(['big.log', 'big~2.log', 'big~2.log/below', 'small.log']);
  expect((await lstat(join(to, 'node-1/small.log'))).mtimeMs).toBe(Date.UTC(2026, 10, 1));
  expect(await readdir(dirname(to))).toEqual(['here']);
  await expect(extractBundle(bundle, { to })).rejects.toThrow('not empty');
});

test('a damaged volume costs itself alone when that is wanted', async () => {
  const { path } = await makeSampleBundle(folder);
  const file = join(path, 'data/node-1.v001.zip');
  const bytes = await readFile(file);
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  await writeFile(file, bytes);
  await expect(openSoundBundle([path])).rejects.toThrow(/data\/node-1\.v001\.zip: changed/);
  const bundle = await openSoundBundle([path], { skipDamaged: true });
  expect(bundle.damaged.map(({ part }) => part)).toEqual(['data/node-1.v001.zip']);
  const to = join(folder, 'out');
  await extractBundle(bundle, { to });
  expect(await readdir(to)).toEqual(['README.txt', 'bag-info.txt', 'coverage.json', 'index.html', 'telemetry']);
});

test('encrypted volumes are unpacked with an identity, and without one it says what is lacking', async () => {
  const [vendor, recovery] = [generateIdentity(), generateIdentity()];
  const { path } = await sealed({ 'n.v001.zip': forgeVolume([{}]) }, [vendor, recovery]);
  await expect(openSoundBundle([path])).rejects.toThrow(/are encrypted/);
  await expect(openSoundBundle([path], { identities: [generateIdentity()] })).rejects.toThrow(
    /none of these identities/,
  );
  const identities = parseIdentityFile(formatIdentityFile(recovery, 0));
  const bundle = await openSoundBundle([path], { identities });
  const to = join(folder, 'out');
  await extractBundle(bundle, { to, identities });
  expect(await everything(join(to))).toEqual([
    'README.txt',
    'bag-info.txt',
    'coverage.json',
    'index.html',
    'n',
    'n/a.log',
  ]);
});

test('what cannot be unpacked leaves no folder above the target behind, but those that were there or are used', async () => {
  const { path } = await makeSampleBundle(folder);
  const bundle = await openSoundBundle([path]);
  await mkdir(join(folder, 'there'));
  const stopped = (at: string, onFile: () => void) =>
    expect(extractBundle(bundle, { to: join(folder, 'there', at), onFile })).rejects.toThrow('enough');
  await stopped('new/deep/out', () => {
    throw new Error('enough');
  });
  expect(await everything(join(folder, 'there'))).toEqual([]);
  await stopped('new/deep/out', () => {
    writeFileSync(join(folder, 'there', 'new', 'mine'), 'x');
    throw new Error('enough');
  });
  expect(await everything(join(folder, 'there'))).toEqual(['new', 'new/mine']);
});

test('what lies at the target already is neither followed nor replaced', async () => {
  const { path } = await makeSampleBundle(folder);
  const bundle = await openSoundBundle([path]);
  const to = join(folder, 'out');
  await mkdir(join(folder, 'elsewhere'));
  await symlink(join(folder, 'elsewhere'), to);
  await expect(extractBundle(bundle, { to })).rejects.toThrow('is no folder');
  expect(await readdir(join(folder, 'elsewhere'))).toEqual([]);
});
