/** One entry as the zip format's headers describe it (PKWARE APPNOTE 6.3.3; no Zip64, no data descriptors). */
export interface ZipEntry {
  path: string;
  modifiedMs: number;
  crc32: number;
  compressedBytes: number;
  bytes: number;
  /** Where its local header begins in the volume. */
  offset: number;
}

const deflated = 8;
/** 2.0: deflate, folders. */
const versionNeeded = 20;
/** Made on Unix, so that the upper half of the external attributes is a mode. */
const versionMadeBy = (3 << 8) | 20;
const regularFile0644 = 0o100644;
export const localHeaderBytes = (path: string): number => 30 + path.length + 9;
export const centralHeaderBytes = (path: string): number => 46 + path.length + 9;
export const endBytes = 22;

/** DOS date and time in UTC, two-second steps, from 1980 on; the extended timestamp beside it is exact. */
function dosTime(unixMs: number): number {
  const date = new Date(Math.max(unixMs, Date.UTC(1980, 0, 1)));
  return (
    (((date.getUTCFullYear() - 1980) << 25) |
      ((date.getUTCMonth() + 1) << 21) |
      (date.getUTCDate() << 16) |
      (date.getUTCHours() << 11) |
      (date.getUTCMinutes() << 5) |
      (date.getUTCSeconds() >> 1)) >>>
    0
  );
}

/** Extra field 0x5455 (extended timestamp): modification time in Unix seconds, without a zone. */
function extendedTimestamp(unixMs: number): Buffer {
  const extra = Buffer.alloc(9);
  extra.writeUInt16LE(0x5455, 0);
  extra.writeUInt16LE(5, 2);
  extra.writeUInt8(1, 4);
  extra.writeInt32LE(Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.floor(unixMs / 1000))), 5);
  return extra;
}

export function localHeader(entry: ZipEntry): Buffer {
  const fixed = Buffer.alloc(30);
  fixed.writeUInt32LE(0x04034b50, 0);
  fixed.writeUInt16LE(versionNeeded, 4);
  fixed.writeUInt16LE(0, 6);
  fixed.writeUInt16LE(deflated, 8);
  fixed.writeUInt32LE(dosTime(entry.modifiedMs), 10);
  fixed.writeUInt32LE(entry.crc32, 14);
  fixed.writeUInt32LE(entry.compressedBytes, 18);
  fixed.writeUInt32LE(entry.bytes, 22);
  fixed.writeUInt16LE(entry.path.length, 26);
  fixed.writeUInt16LE(9, 28);
  return Buffer.concat([fixed, Buffer.from(entry.path, 'latin1'), extendedTimestamp(entry.modifiedMs)]);
}

export function centralHeader(entry: ZipEntry): Buffer {
  const fixed = Buffer.alloc(46);
  fixed.writeUInt32LE(0x02014b50, 0);
  fixed.writeUInt16LE(versionMadeBy, 4);
  fixed.writeUInt16LE(versionNeeded, 6);
  fixed.writeUInt16LE(0, 8);
  fixed.writeUInt16LE(deflated, 10);
  fixed.writeUInt32LE(dosTime(entry.modifiedMs), 12);
  fixed.writeUInt32LE(entry.crc32, 16);
  fixed.writeUInt32LE(entry.compressedBytes, 20);
  fixed.writeUInt32LE(entry.bytes, 24);
  fixed.writeUInt16LE(entry.path.length, 28);
  fixed.writeUInt16LE(9, 30);
  fixed.writeUInt32LE((regularFile0644 << 16) >>> 0, 38);
  fixed.writeUInt32LE(entry.offset, 42);
  return Buffer.concat([fixed, Buffer.from(entry.path, 'latin1'), extendedTimestamp(entry.modifiedMs)]);
}

export function endOfCentralDirectory(directory: { entries: number; bytes: number; offset: number }): Buffer {
  const end = Buffer.alloc(endBytes);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(directory.entries, 8);
  end.writeUInt16LE(directory.entries, 10);
  end.writeUInt32LE(directory.bytes, 12);
  end.writeUInt32LE(directory.offset, 16);
  return end;
}
