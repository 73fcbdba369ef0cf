import { crc32, deflateRawSync } from 'node:zlib';
import { centralHeader, endOfCentralDirectory, localHeader, type ZipEntry } from '../../../bundle/zip-record.ts';

export interface ForgedEntry extends Partial<ZipEntry> {
  content?: Buffer;
  /** Changes its record in the directory. */
  central?: (record: Buffer) => void;
  /** Points at the bytes of the entry before. */
  overlap?: boolean;
  level?: number;
}

/** A zip whose directory says what it is told to; `entries` is the number that its end claims. */
export function forgeVolume(forged: ForgedEntry[], entries = forged.length): Buffer {
  const body: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  let last: ZipEntry | undefined;
  for (const { content = Buffer.from('words '.repeat(100)), central, overlap, level = 6, ...change } of forged) {
    const packed = deflateRawSync(content, { level });
    const entry: ZipEntry = {
      path: 'a.log',
      modifiedMs: 0,
      crc32: crc32(content),
      compressedBytes: packed.length,
      bytes: content.length,
      offset: overlap && last ? last.offset : offset,
      ...change,
    };
    if (!overlap) {
      const piece = Buffer.concat([localHeader(entry), packed]);
      body.push(piece);
      offset += piece.length;
    }
    const record = centralHeader(entry);
    central?.(record);
    directory.push(record);
    last = entry;
  }
  const bytes = directory.reduce((sum, record) => sum + record.length, 0);
  return Buffer.concat([
    ...body,
    ...directory,
    endOfCentralDirectory({ entries: Math.min(entries, 65_535), bytes, offset }),
  ]);
}

/** A zip that claims any number of entries by Zip64, in a few hundred bytes. */
export function forgeZip64(entries: bigint): Buffer {
  const volume = forgeVolume([{}]);
  const end = volume.subarray(volume.length - 22);
  const before = volume.subarray(0, volume.length - 22);
  const zip64 = Buffer.alloc(56);
  zip64.writeUInt32LE(0x06064b50, 0);
  zip64.writeBigUInt64LE(44n, 4);
  zip64.writeBigUInt64LE(entries, 24);
  zip64.writeBigUInt64LE(entries, 32);
  zip64.writeBigUInt64LE(BigInt(end.readUInt32LE(12)), 40);
  zip64.writeBigUInt64LE(BigInt(end.readUInt32LE(16)), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(before.length), 8);
  locator.writeUInt32LE(1, 16);
  const full = Buffer.from(end);
  full.writeUInt16LE(0xffff, 8);
  full.writeUInt16LE(0xffff, 10);
  full.writeUInt32LE(0xffff_ffff, 12);
  full.writeUInt32LE(0xffff_ffff, 16);
  return Buffer.concat([before, zip64, locator, full]);
}
