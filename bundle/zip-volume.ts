import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { crc32, createDeflateRaw } from 'node:zlib';
import {
  centralHeader,
  centralHeaderBytes,
  endBytes,
  endOfCentralDirectory,
  localHeader,
  localHeaderBytes,
  type ZipEntry,
} from './zip-record.ts';

/** Above what zlib may hold back before it writes (its pending buffer, 64 KiB, and stored-block headers). */
const deflateSlackBytes = 192 * 1024;
/** What deflate makes of what it cannot pack: stored blocks, and what it holds back meanwhile. */
const storedBytes = (bytes: number): number => (bytes === 0 ? 0 : Math.ceil(bytes * 1.001) + maxPieceBytes);
/** An entry beyond 2 GiB would trip tools that keep sizes in signed 32 bits. */
const maxEntryBytes = 2 ** 31 - 2 ** 20;
export const maxPieceBytes = 256 * 1024;
/** Deflated on another thread while the caller makes the next: one under way and one behind it. */
const maxDeflating = 2;
/** What has come out of deflate is gathered up to this much before it is written: a write a piece would be eight a MB of text. */
const writeBytes = 256 * 1024;

export interface ZipVolumeLimits {
  maxBytes: number;
  maxEntries: number;
  /** Deflate level; 1 costs half the time of 6 and about a sixth more bytes on event text. */
  level: number;
}

/**
 * One zip file under construction, written here rather than by archiver for two reasons: sizes and CRC are patched
 * into the local headers (no data descriptors, so what lies before a cut can still be unpacked), and the bound on the
 * volume is exact in the middle of an entry.
 */
export interface ZipVolume {
  /** False when an entry of this path, with so many bytes that cannot be packed, has no room any more. */
  fits(path: string, bytes?: number): boolean;
  begin(path: string, modifiedMs: number): Promise<void>;
  /** Takes a piece of at most `maxPieceBytes`; false, and nothing taken, when the entry has to end before it. */
  write(piece: Buffer): Promise<boolean>;
  end(): Promise<ZipEntry>;
  /** Writes the directory and syncs; returns the file's size. */
  close(): Promise<number>;
  abandon(): Promise<void>;
  readonly entries: number;
}

export async function createZipVolume(path: string, limits: ZipVolumeLimits): Promise<ZipVolume> {
  const file: FileHandle = await open(path, 'wx', 0o600);
  const entries: ZipEntry[] = [];
  let offset = 0;
  let directoryBytes = endBytes;
  let current:
    | {
        entry: ZipEntry;
        deflate: ReturnType<typeof createDeflateRaw>;
        output: Buffer[];
        outputBytes: number;
        /** Pieces that have been given to deflate and are not through, in order. */
        deflating: { bytes: number; done: Promise<void> }[];
      }
    | undefined;

  const append = async (bytes: Buffer): Promise<void> => {
    for (let done = 0; done < bytes.length; ) {
      done += (await file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
    }
    offset += bytes.length;
  };
  const flushOutput = async (): Promise<void> => {
    if (!current || current.outputBytes === 0) return;
    const bytes = Buffer.concat(current.output.splice(0));
    current.outputBytes = 0;
    current.entry.compressedBytes += bytes.length;
    await append(bytes);
  };
  const deflated = async (deflating: { done: Promise<void> }[], left: number): Promise<void> => {
    while (deflating.length > left) {
      await deflating[0]?.done;
      deflating.shift();
    }
  };
  const roomFor = (bytes: number): boolean => offset + directoryBytes + bytes + deflateSlackBytes <= limits.maxBytes;

  return {
    get entries() {
      return entries.length;
    },
    fits: (entryPath, bytes = 0) =>
      entries.length < limits.maxEntries &&
      roomFor(localHeaderBytes(entryPath) + centralHeaderBytes(entryPath) + storedBytes(bytes)),
    begin: async (entryPath, modifiedMs) => {
      if (current) throw new Error('BUG: the last entry of this volume is still open');
      const deflate = createDeflateRaw({ level: limits.level, chunkSize: 128 * 1024 });
      const entry: ZipEntry = { path: entryPath, modifiedMs, crc32: 0, compressedBytes: 0, bytes: 0, offset };
      const opened = { entry, deflate, output: [] as Buffer[], outputBytes: 0, deflating: [] };
      deflate.on('data', (chunk: Buffer) => {
        opened.output.push(chunk);
        opened.outputBytes += chunk.length;
      });
      current = opened;
      directoryBytes += centralHeaderBytes(entryPath);
      await append(localHeader(entry));
    },
    write: async (piece) => {
      if (!current) throw new Error('BUG: no open entry');
      if (piece.length > maxPieceBytes) throw new Error('BUG: piece too large');
      const { entry, deflate, deflating } = current;
      const waiting = deflating.reduce((sum, { bytes }) => sum + bytes, current.outputBytes);
      if (!roomFor(waiting + piece.length) || entry.bytes + piece.length > maxEntryBytes) return false;
      await deflated(deflating, maxDeflating - 1);
      const done = new Promise<void>((resolve, reject) => {
        deflate.write(piece, (error) => (error ? reject(error) : resolve()));
      });
      done.catch(() => undefined);
      deflating.push({ bytes: piece.length, done });
      entry.crc32 = crc32(piece, entry.crc32);
      entry.bytes += piece.length;
      if (current.outputBytes >= writeBytes) await flushOutput();
      return true;
    },
    end: async () => {
      if (!current) throw new Error('BUG: no open entry');
      const { entry, deflate, deflating } = current;
      await deflated(deflating, 0);
      const ended = once(deflate, 'end');
      deflate.end();
      await ended;
      await flushOutput();
      current = undefined;
      const header = localHeader(entry);
      await file.write(header, 0, header.length, entry.offset);
      entries.push(entry);
      return entry;
    },
    close: async () => {
      const start = offset;
      let block: Buffer[] = [];
      for (const entry of entries) {
        block.push(centralHeader(entry));
        if (block.length === 1024) await append(Buffer.concat(block.splice(0)));
      }
      await append(Buffer.concat(block));
      block = [];
      await append(endOfCentralDirectory({ entries: entries.length, bytes: offset - start, offset: start }));
      await file.sync();
      await file.close();
      return offset;
    },
    abandon: async () => {
      current?.deflate.destroy();
      await file.close().catch(() => undefined);
    },
  };
}
