import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testVolume } from '../../../bundle/open-volume.ts';
import { centralHeader, endOfCentralDirectory, localHeader, type ZipEntry } from '../../../bundle/zip-record.ts';
import { temporaryFolder } from './sample-bundle.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Forged {
  entry?: Partial<ZipEntry>;
  central?: (header: Buffer) => void;
  entries?: number;
}

/** A zip of one entry whose directory says what it is told to. */
async function forge({ entry: change = {}, central, entries = 1 }: Forged): Promise<string> {
  const content = Buffer.from('words '.repeat(100));
  const packed = deflateRawSync(content);
  const entry: ZipEntry = {
    path: 'a.log',
    modifiedMs: 0,
    crc32: crc32(content),
    compressedBytes: packed.length,
    bytes: content.length,
    offset: 0,
    ...change,
  };
  const head = Buffer.concat([localHeader(entry), packed]);
  const directory = centralHeader(entry);
  central?.(directory);
  const path = join(folder, 'v.zip');
  const end = endOfCentralDirectory({ entries, bytes: directory.length * entries, offset: head.length });
  await writeFile(path, Buffer.concat([head, ...Array<Buffer>(entries).fill(directory), end]));
  return path;
}

test('an honest one passes', async () => {
  expect(await testVolume(await forge({}))).toEqual({ entries: 1, bytes: 600 });
});

test.each<[string, Forged, RegExp]>([
  ['leaves the folder', { entry: { path: '../../etc/cron.d/x' } }, /invalid relative path/],
  ['is absolute', { entry: { path: '/etc/passwd' } }, /absolute path/],
  ['names a drive', { entry: { path: 'C:/Windows/x' } }, /absolute path/],
  ['has backslashes', { entry: { path: '..\\..\\x' } }, /invalid characters/],
  ['is a symbolic link', { central: (header) => header.writeUInt32LE((0o120777 << 16) >>> 0, 38) }, /symbolic link/],
  ['is encrypted', { central: (header) => header.writeUInt16LE(1, 8) }, /encrypted/],
  ['claims 3 GiB', { entry: { bytes: 3 * 2 ** 30 } }, /larger than any entry/],
  ['inflates to more than it says', { entry: { bytes: 10 } }, /too many bytes/],
  ['has a wrong CRC', { entry: { crc32: 1 } }, /wrong CRC/],
])('an entry that %s is refused', async (_, forged, expected) => {
  await expect(testVolume(await forge(forged))).rejects.toThrow(expected);
});

test('what is no zip, or a cut one, is refused', async () => {
  const path = await forge({});
  await writeFile(path, 'no zip at all');
  await expect(testVolume(path)).rejects.toThrow();
});
