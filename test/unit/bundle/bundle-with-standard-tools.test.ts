import { execFile } from 'node:child_process';
import { cp, open, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadSigningKey, parsePublicKey } from '../../../bundle/minisign-key.ts';
import { type VerifyReport, verifyBundle } from '../../../bundle/verify.ts';
import { makeSampleBundle, temporaryFolder } from './sample-bundle.ts';

const run = promisify(execFile);
const folders: string[] = [];
let made: Awaited<ReturnType<typeof makeSampleBundle>>;

beforeAll(async () => {
  const folder = await temporaryFolder();
  folders.push(folder);
  made = await makeSampleBundle(folder);
});
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function copyOfBundle(): Promise<string> {
  const folder = await temporaryFolder();
  folders.push(folder);
  const copy = join(folder, 'bundle');
  await cp(made.path, copy, { recursive: true });
  return copy;
}

/** Turns one bit in the middle of a file. */
async function changeOneByte(path: string): Promise<void> {
  const file = await open(path, 'r+');
  const { size } = await file.stat();
  const at = Math.floor(size / 2);
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
  await file.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, at);
  await file.close();
}

const failure = async (file: string, args: string[], cwd: string): Promise<string> =>
  run(file, args, { cwd }).then(
    () => {
      throw new Error(`${file} accepted it`);
    },
    (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
  );
const minisignArgs = (): string[] => ['-V', '-m', 'tagmanifest-sha512.txt', '-P', made.key.publicKey.line];
const faults = (report: VerifyReport): string[] => report.parts.filter((part) => !part.ok).map((part) => part.part);

describe('a bundle that nobody touched', () => {
  test('passes sha512sum, minisign and unzip', async () => {
    await run('sha512sum', ['-c', '--strict', 'manifest-sha512.txt'], { cwd: made.path });
    await run('sha512sum', ['-c', '--strict', 'tagmanifest-sha512.txt'], { cwd: made.path });
    const { stdout } = await run('minisign', minisignArgs(), { cwd: made.path });
    expect(stdout).toContain('bundle k3v9x2m4p7q1 site Plant 7 time 2026-11-20T10:00:42.000Z');
    for (const volume of await readdir(join(made.path, 'data'))) {
      await run('unzip', ['-tq', join(made.path, 'data', volume)]);
    }
  });

  test('passes verify with the pinned key, and says so when the key is only its own', async () => {
    const pinned = await verifyBundle(made.path, { keys: [made.key.publicKey] });
    expect(faults(pinned)).toEqual([]);
    expect(pinned).toMatchObject({ ok: true, trust: 'pinned' });
    expect(pinned.coverage?.bundle.id).toBe('k3v9x2m4p7q1');
    const own = await verifyBundle(made.path);
    expect(own).toMatchObject({ ok: true, trust: 'self-declared' });
    expect(own.parts[0]?.detail).toContain('self-declared');
  });

  test('is readable by any zip reader: no data descriptors, no Zip64', async () => {
    const { stdout } = await run('unzip', ['-Z', '-v', join(made.path, 'data', 'node-1.v001.zip')]);
    expect(stdout).toContain('extended local header:                          no');
    expect(stdout).toContain('minimum software version required to extract:   2.0');
  });
});

describe('one changed byte', () => {
  test('in a volume is named by sha512sum, unzip and verify', async () => {
    const copy = await copyOfBundle();
    await changeOneByte(join(copy, 'data/node-1.v001.zip'));
    expect(await failure('sha512sum', ['-c', 'manifest-sha512.txt'], copy)).toContain('data/node-1.v001.zip: FAILED');
    expect(await failure('unzip', ['-tq', 'data/node-1.v001.zip'], copy)).toMatch(/bad CRC|error|invalid/);
    expect(faults(await verifyBundle(copy))).toEqual(['data/node-1.v001.zip']);
  });

  test.each(['README.txt', 'index.html', 'coverage.json', 'bagit.txt', 'bag-info.txt', 'manifest-sha512.txt'])(
    'in %s is named by sha512sum and verify',
    async (name) => {
      const copy = await copyOfBundle();
      await changeOneByte(join(copy, name));
      expect(await failure('sha512sum', ['-c', 'tagmanifest-sha512.txt'], copy)).toContain(`${name}: FAILED`);
      const report = await verifyBundle(copy, { keys: [made.key.publicKey] });
      expect(report.ok).toBe(false);
      expect(faults(report)).toContain(name);
    },
  );

  test('in the tag manifest or the signature is named by minisign and verify', async () => {
    for (const name of ['tagmanifest-sha512.txt', 'tagmanifest-sha512.txt.minisig']) {
      const copy = await copyOfBundle();
      await changeOneByte(join(copy, name));
      await failure('minisign', minisignArgs(), copy);
      expect(faults(await verifyBundle(copy))).toContain('tagmanifest-sha512.txt.minisig');
    }
  });
});

describe('a bundle that somebody worked on', () => {
  test('names what is missing and what is extra', async () => {
    const copy = await copyOfBundle();
    await rm(join(copy, 'data/telemetry.v001.zip'));
    await writeFile(join(copy, 'data/added.zip'), 'x');
    await writeFile(join(copy, 'autorun.inf'), 'x');
    const report = await verifyBundle(copy);
    expect(faults(report)).toEqual(['data/telemetry.v001.zip', 'autorun.inf', 'data/added.zip']);
  });

  test('is refused when another key signed it, though everything else fits', async () => {
    const stranger = loadSigningKey(await temporaryFolder());
    const report = await verifyBundle(made.path, { keys: [stranger.publicKey] });
    expect(faults(report)).toEqual(['tagmanifest-sha512.txt.minisig']);
    expect(report.parts[0]?.detail).toMatch(/signed by key [0-9A-F]{16}, expected key [0-9A-F]{16}/);
  });

  test('follows no link out of the bundle', async () => {
    const copy = await copyOfBundle();
    await rename(join(copy, 'data/telemetry.v001.zip'), join(copy, '../outside.zip'));
    await symlink('../../outside.zip', join(copy, 'data/telemetry.v001.zip'));
    const report = await verifyBundle(copy);
    expect(report.ok).toBe(false);
    expect(faults(report)).toContain('data/telemetry.v001.zip');
  });

  test.each([
    ['leaves the folder', `${'0'.repeat(128)}  ../../../etc/passwd\n`],
    ['is absolute', `${'0'.repeat(128)}  /etc/passwd\n`],
    ['has a backslash', `${'0'.repeat(128)}  data\\..\\..\\x\n`],
    ['is listed twice', `${'0'.repeat(128)}  data/a\n${'0'.repeat(128)}  data/A\n`],
    ['has no checksum', 'data/a\n'],
    ['is one of too many', Array.from({ length: 100_001 }, (_, n) => `${'0'.repeat(128)}  data/${n}\n`).join('')],
  ])('refuses a manifest whose path %s', async (_, text) => {
    const copy = await copyOfBundle();
    await writeFile(join(copy, 'tagmanifest-sha512.txt'), text);
    const report = await verifyBundle(copy);
    expect(report.ok).toBe(false);
    expect(report.coverage).toBeNull();
    expect(report.parts.every((part) => !part.detail.includes('passwd'))).toBe(true);
    expect(faults(report)).toContain('tagmanifest-sha512.txt');
  });

  test('does not read a huge manifest into memory', async () => {
    const copy = await copyOfBundle();
    const file = await open(join(copy, 'tagmanifest-sha512.txt'), 'w');
    await file.truncate(2 ** 31);
    await file.close();
    expect(faults(await verifyBundle(copy))).toEqual(['tagmanifest-sha512.txt']);
  });

  test('says that a folder is none', async () => {
    expect((await verifyBundle('/nowhere/at/all')).parts).toEqual([{ part: 'all', ok: false, detail: 'missing' }]);
  });
});

test('minisign itself signs with the key file and verifies with the public one', async () => {
  const folder = await temporaryFolder();
  folders.push(folder);
  const key = loadSigningKey(folder);
  await writeFile(join(folder, 'note'), 'x');
  await run('minisign', ['-S', '-s', 'sextant.key', '-m', 'note'], { cwd: folder });
  await run('minisign', ['-V', '-p', 'sextant.pub', '-m', 'note'], { cwd: folder });
  expect(parsePublicKey(key.publicKey.line).keyId).toEqual(loadSigningKey(folder).keyId);
});
