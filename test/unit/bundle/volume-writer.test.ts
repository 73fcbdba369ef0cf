import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openVolume, testVolume } from '../../../bundle/open-volume.ts';
import { createVolumeWriter } from '../../../bundle/volume-writer.ts';
import { temporaryFolder } from './sample-bundle.ts';

const run = promisify(execFile);
const MiB = 2 ** 20;
let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function contentOf(volume: string): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  for await (const entry of openVolume(join(folder, volume))) {
    const chunks: Buffer[] = [];
    for await (const chunk of await entry.content()) chunks.push(chunk as Buffer);
    contents.set(entry.path, Buffer.concat(chunks));
  }
  return contents;
}

test('cuts an entry at the end of a volume, and the parts join to the whole', async () => {
  const writer = createVolumeWriter({ folder, base: 'n' }, { maxBytes: 2 * MiB, maxEntries: 100, level: 1 });
  const content = randomBytes(5 * MiB);
  const written = await writer.add({ path: 'big.bin', modifiedMs: 0 }, [content]);
  const volumes = await writer.close();
  expect(volumes.length).toBeGreaterThanOrEqual(3);
  for (const volume of volumes) {
    expect(volume.bytes).toBeLessThanOrEqual(2 * MiB);
    await run('unzip', ['-tq', volume.path]);
  }
  const parts: Buffer[] = [];
  for (const part of written.parts) parts.push((await contentOf(part.volume)).get(part.path) ?? Buffer.alloc(0));
  expect(Buffer.concat(parts).equals(content)).toBe(true);
});

test('opens the next volume before the format’s count of entries is passed', async () => {
  const writer = createVolumeWriter({ folder, base: 'n' }, { maxBytes: 100 * MiB, maxEntries: 10, level: 1 });
  for (let n = 0; n < 25; n++) await writer.add({ path: `f${n}`, modifiedMs: 0 }, [Buffer.from('x')]);
  expect((await writer.close()).map((volume) => volume.entries)).toEqual([10, 10, 5]);
});

test('stores paths from outside as short relative ASCII, apart from each other on Windows too', async () => {
  const writer = createVolumeWriter({ folder, base: 'n' });
  const paths = [
    '../../etc/passwd',
    'C:\\Windows\\CON',
    'var/log/Größe.log',
    'A.log',
    'a.log',
    `${'x/'.repeat(300)}end`,
  ];
  for (const path of paths) await writer.add({ path, modifiedMs: Date.UTC(2026, 0, 1) }, [Buffer.from(path)]);
  const [volume] = await writer.close();
  const names = [...(await contentOf(volume?.name ?? '')).keys()];
  expect(names.slice(0, 5)).toEqual(['_/_/etc/passwd', 'C/Windows/_CON', 'var/log/Gro_e.log', 'A.log', 'a~2.log']);
  expect(names[5]?.length).toBeLessThanOrEqual(180);
  expect(names.every((name) => /^[A-Za-z0-9_][A-Za-z0-9._~/-]*$/.test(name))).toBe(true);
});

test('keeps empty entries and the time of a file', async () => {
  const writer = createVolumeWriter({ folder, base: 'n' });
  await writer.add({ path: 'empty', modifiedMs: Date.UTC(2026, 4, 6, 7, 8, 9) }, []);
  const [volume] = await writer.close();
  expect(await testVolume(volume?.path ?? '')).toEqual({ entries: 1, bytes: 0 });
  const { stdout } = await run('unzip', ['-Z', '-T', volume?.path ?? ''], { env: { ...process.env, TZ: 'UTC' } });
  expect(stdout).toContain('20260506.070809');
});

test('a source that fails ends its entry where it stood; the volume stays whole', async () => {
  const writer = createVolumeWriter({ folder, base: 'n' });
  const failing = async function* (): AsyncGenerator<Buffer> {
    yield Buffer.from('begun');
    throw new Error('the disk went away');
  };
  await expect(writer.add({ path: 'a', modifiedMs: 0 }, failing())).rejects.toThrow('the disk went away');
  await writer.add({ path: 'b', modifiedMs: 0 }, [Buffer.from('next')]);
  const [volume] = await writer.close();
  expect(Object.fromEntries(await contentOf(volume?.name ?? ''))).toEqual({
    a: Buffer.from('begun'),
    b: Buffer.from('next'),
  });
});

test('leaves only closed volumes when it is abandoned', async () => {
  const writer = createVolumeWriter({ folder, base: 'n' }, { maxBytes: 100 * MiB, maxEntries: 1, level: 1 });
  await writer.add({ path: 'a', modifiedMs: 0 }, [Buffer.from('1')]);
  await writer.add({ path: 'b', modifiedMs: 0 }, [Buffer.from('2')]);
  await writer.abandon();
  expect(await readdir(folder)).toEqual(['n.v001.zip']);
});

test('content that is of no use in parts begins the next volume when it has no room in this one', async () => {
  const writer = createVolumeWriter({ folder, base: 'n' }, { maxBytes: 2 * MiB, maxEntries: 100, level: 1 });
  const whole = randomBytes(MiB);
  const parts: string[][] = [];
  for (const name of ['a', 'b', 'c']) {
    const entry = { path: `${name}.parquet`, modifiedMs: 0, wholeBytes: whole.length };
    const written = await writer.add(entry, [whole]);
    parts.push(written.parts.map(({ volume, path }) => `${volume} ${path}`));
  }
  const small = await writer.add({ path: 'd.txt', modifiedMs: 0 }, [Buffer.from('x')]);
  expect(parts).toEqual([['n.v001.zip a.parquet'], ['n.v002.zip b.parquet'], ['n.v003.zip c.parquet']]);
  expect(small.parts).toEqual([{ volume: 'n.v003.zip', path: 'd.txt' }]);
  for (const { path } of await writer.close()) await run('unzip', ['-tq', path]);
});
