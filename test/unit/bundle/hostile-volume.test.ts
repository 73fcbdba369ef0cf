import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testVolume } from '../../../bundle/open-volume.ts';
import { type ForgedEntry, forgeVolume, forgeZip64 } from './forged-volume.ts';
import { temporaryFolder } from './sample-bundle.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(volume: Buffer): Promise<string> {
  const path = join(folder, 'v.zip');
  await writeFile(path, volume);
  return path;
}

const mode = (unixMode: number) => (record: Buffer) => record.writeUInt32LE((unixMode << 16) >>> 0, 38);
const zeros = Buffer.alloc(4 * 2 ** 20);

test('an honest one passes', async () => {
  expect(await testVolume(await write(forgeVolume([{}])))).toEqual({ entries: 1, bytes: 600 });
  const packed = forgeVolume([{ content: zeros, level: 1 }, { path: 'b/c.log' }]);
  expect(await testVolume(await write(packed))).toMatchObject({ entries: 2 });
});

test.each<[string, ForgedEntry[], RegExp]>([
  ['leaves the folder', [{ path: '../../etc/cron.d/x' }], /invalid relative path/],
  ['leaves it further in', [{ path: 'a/../../x' }], /invalid relative path/],
  ['is absolute', [{ path: '/etc/passwd' }], /absolute path/],
  ['names a drive', [{ path: 'C:/Windows/x' }], /absolute path/],
  ['names a drive without a slash', [{ path: 'C:x' }], /absolute path|no bundle has/],
  ['names a stream of a file', [{ path: 'a.log:hidden' }], /no bundle has/],
  ['has backslashes', [{ path: '..\\..\\x' }], /invalid characters|backslash/],
  ['is a device of Windows', [{ path: 'logs/CON.txt' }], /device of Windows/],
  ['is a serial port', [{ path: 'com1' }], /device of Windows/],
  ['ends with a dot', [{ path: 'logs./a' }], /no bundle has/],
  ['ends with a space', [{ path: 'a.log ' }], /no bundle has/],
  ['has control characters', [{ path: 'a\u001b[31m.log' }], /no bundle has/],
  ['begins with a dot', [{ path: '.bashrc' }], /no bundle has/],
  ['is a folder', [{ path: 'a/', content: Buffer.alloc(0) }], /no bundle has/],
  ['is a symbolic link', [{ central: mode(0o120777) }], /symbolic link/],
  ['is a device node', [{ central: mode(0o060666) }], /neither a file/],
  ['is a pipe', [{ central: mode(0o010666) }], /neither a file/],
  ['is encrypted', [{ central: (record) => record.writeUInt16LE(1, 8) }], /encrypted/],
  ['is packed otherwise', [{ central: (record) => record.writeUInt16LE(12, 10) }], /packed in a way/],
  ['claims 3 GiB', [{ bytes: 3 * 2 ** 30 }], /larger than any entry/],
  ['inflates to more than it says', [{ bytes: 10 }], /too many bytes/],
  ['inflates to less than it says', [{ bytes: 1000 }], /not enough bytes/],
  ['has a wrong CRC', [{ crc32: 1 }], /wrong CRC/],
  ['inflates a thousand times', [{ content: zeros }], /like a bomb/],
  ['is there twice', [{}, {}], /there twice/],
  ['is there twice but for its case', [{}, { path: 'A.LOG' }], /there twice/],
  ['is a file and a folder', [{ path: 'a/b' }, { path: 'A' }], /file and a folder/],
  ['lies below a file', [{ path: 'a' }, { path: 'a/b' }], /below a file/],
  [
    'shares its bytes with others',
    Array.from({ length: 50 }, (_, at) => ({
      path: `f${at}`,
      content: Buffer.alloc(40_000, 'ab'),
      overlap: at > 0,
      level: 0,
    })),
    /overlaps/,
  ],
])('an entry that %s is refused', async (_, forged, expected) => {
  await expect(testVolume(await write(forgeVolume(forged)))).rejects.toThrow(expected);
});

test('ten million entries are refused by their number, before any is read', async () => {
  await expect(testVolume(await write(forgeZip64(10_000_000n)))).rejects.toThrow(/10000000 entries/);
});

test('what is no zip, or a cut one, is refused', async () => {
  await expect(testVolume(await write(Buffer.from('no zip at all')))).rejects.toThrow();
  const whole = forgeVolume([{}]);
  await expect(testVolume(await write(whole.subarray(0, whole.length - 30)))).rejects.toThrow();
});
