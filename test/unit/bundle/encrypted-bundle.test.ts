import { execFile } from 'node:child_process';
import { chmod, cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatIdentityFile, generateIdentity } from '../../../bundle/age/key.ts';
import { encryptPayload } from '../../../bundle/encrypt-payload.ts';
import { loadSigningKey } from '../../../bundle/minisign-key.ts';
import { renderReport } from '../../../bundle/report.ts';
import { sealBundle } from '../../../bundle/seal.ts';
import { createStaging } from '../../../bundle/staging.ts';
import { verifyBundle } from '../../../bundle/verify.ts';
import { createVolumeWriter } from '../../../bundle/volume-writer.ts';
import { sampleCoverage, temporaryFolder } from './sample-bundle.ts';

const run = promisify(execFile);
const vendor = generateIdentity();
const recovery = generateIdentity();
const recipients = [vendor.recipient, recovery.recipient];
let folder: string;
let path: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  const coverage = sampleCoverage();
  coverage.bundle.recipients = recipients.length;
  const stagingFolder = await createStaging(folder, coverage.bundle.name);
  const writer = createVolumeWriter({ folder: join(stagingFolder, 'data'), base: 'host-0k3v9x2m' });
  await writer.add({ path: 'var/log/a.log', modifiedMs: 0 }, [Buffer.from('evidence '.repeat(50_000))]);
  await writer.close();
  await encryptPayload(join(stagingFolder, 'data'), recipients);
  const report = renderReport({ coverage, alerts: [], inventories: [], charts: [] });
  path = (await sealBundle({ stagingFolder, coverage, report, key: loadSigningKey(join(folder, 'keys')) })).path;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('is checked without any key to its content, by sha512sum, minisign and verify', async () => {
  expect(await readdir(join(path, 'data'))).toEqual(['host-0k3v9x2m.v001.zip.age']);
  await run('sha512sum', ['-c', '--strict', 'manifest-sha512.txt', 'tagmanifest-sha512.txt'], { cwd: path });
  const key = join(folder, 'keys/sextant.pub');
  await run('minisign', ['-V', '-m', 'tagmanifest-sha512.txt', '-p', key], { cwd: path });
  const report = await verifyBundle(path);
  expect(report.ok).toBe(true);
  expect(report.parts.at(-1)?.detail).toContain('encrypted to 2 recipients');
});

test('each recipient opens it with age and unzip, as README.txt says', async () => {
  expect(await readFile(join(path, 'README.txt'), 'utf8')).toContain('age -d -i KEYFILE');
  for (const [name, identity] of Object.entries({ vendor, recovery })) {
    await writeFile(join(folder, name), formatIdentityFile(identity, 0), { mode: 0o600 });
    const zip = join(folder, `${name}.zip`);
    await run('age', ['-d', '-i', join(folder, name), '-o', zip, join(path, 'data/host-0k3v9x2m.v001.zip.age')]);
    await run('unzip', ['-tq', zip]);
  }
});

test('an identity looks into the volumes, and they may lie on another medium than the descriptions', async () => {
  const other = join(folder, 'other', basename(path));
  await cp(path, other, { recursive: true });
  await rm(join(other, 'data'), { recursive: true });
  expect((await verifyBundle(other)).ok).toBe(false);
  const report = await verifyBundle(other, { alsoIn: [path], identities: [recovery] });
  expect(report).toMatchObject({ ok: true, framed: true, inflatedBytes: 450_000 });
  expect(report.volumes).toMatchObject([{ base: 'host-0k3v9x2m', encrypted: true, ok: true }]);
  expect(report.parts.map(({ detail }) => detail)).toContain(
    'encrypted to 2 recipients; 1 entries, 450000 bytes, every CRC fits',
  );
});

test('a changed byte in the header or the body is named', async () => {
  const file = join(path, 'data/host-0k3v9x2m.v001.zip.age');
  const sound = await readFile(file);
  for (const at of [30, sound.length - 10]) {
    const changed = Buffer.from(sound);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await writeFile(file, changed);
    const report = await verifyBundle(path);
    expect(report.parts.filter((part) => !part.ok).map((part) => part.part)).toEqual([
      'data/host-0k3v9x2m.v001.zip.age',
    ]);
  }
  await writeFile(file, sound);
});

test('a volume that was left in the clear is never sealed as encrypted', async () => {
  const coverage = sampleCoverage();
  coverage.bundle.recipients = 2;
  const stagingFolder = await createStaging(folder, `${coverage.bundle.name}-2`);
  await writeFile(join(stagingFolder, 'data/x.v001.zip'), 'PK');
  const key = loadSigningKey(join(folder, 'keys'));
  await expect(sealBundle({ stagingFolder, coverage, report: '', key })).rejects.toThrow('is not encrypted');
});

test('when encryption fails the unfinished ciphertext is gone', async () => {
  const data = join(await createStaging(folder, 'failing'), 'data');
  await writeFile(join(data, 'a.v001.zip'), Buffer.alloc(1_000_000));
  const abort = new AbortController();
  abort.abort(new Error('stop'));
  await expect(encryptPayload(data, recipients, abort.signal)).rejects.toThrow('stop');
  expect(await readdir(data)).toEqual(['a.v001.zip']);
  await chmod(data, 0o700);
  expect((await stat(join(data, 'a.v001.zip'))).size).toBe(1_000_000);
});
