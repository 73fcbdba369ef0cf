import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise } from 'yauzl';
import { createEntryBounds, type EntryBounds } from './entry-bounds.ts';

export interface OpenedEntry {
  path: string;
  bytes: number;
  compressedBytes: number;
  modifiedMs: number;
  /** Content, inflated; fails when it does not have the size and the CRC that the directory says. */
  content(): Promise<AsyncIterable<Buffer>>;
}

export interface OpenVolumeOptions {
  /** Shared by the volumes of one bundle; a volume alone has its own. */
  bounds?: EntryBounds;
  /** Volumes of one base (`node-1` of `node-1.v001.zip`) share their paths. */
  base?: string;
}

function refuse(entry: Entry): string | undefined {
  if (entry.isEncrypted()) return 'is encrypted by zip';
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) return 'is packed in a way that no bundle uses';
  // Upper half of the external attributes: Unix mode; 0o12 of its type is a symbolic link, 0o10 a file.
  const type = entry.externalFileAttributes >>> 28;
  if (type === 0o12) return 'is a symbolic link';
  if (type !== 0 && type !== 0o10) return 'is neither a file nor a folder of one';
  return undefined;
}

/**
 * Walks a volume that may be hostile. What `EntryBounds` refuses, links, special files and encrypted entries end it with
 * the reason; an entry is judged before its content is touched, and nothing is kept of those that went by.
 */
export async function* openVolume(path: string, options: OpenVolumeOptions = {}): AsyncGenerator<OpenedEntry> {
  const bounds = options.bounds ?? createEntryBounds();
  const zip = await openPromise(path, { strictFileNames: true, autoClose: false });
  try {
    bounds.volume(options.base ?? '', zip.fileSize, zip.entryCount);
    for await (const entry of zip.eachEntry()) {
      const fault = refuse(entry);
      if (fault) throw new Error(`entry ${JSON.stringify(entry.fileName)} ${fault}`);
      const claimed = {
        path: entry.fileName,
        bytes: entry.uncompressedSize,
        compressedBytes: entry.compressedSize,
      };
      bounds.entry(claimed);
      yield {
        ...claimed,
        modifiedMs: entry.getLastModDate().getTime(),
        content: async () => checked((await zip.openReadStreamPromise(entry)) as Readable, entry),
      };
    }
  } finally {
    zip.close();
  }
}

async function* checked(content: Readable, entry: Entry): AsyncGenerator<Buffer> {
  let sum = 0;
  for await (const chunk of content) {
    sum = crc32(chunk as Buffer, sum);
    yield chunk as Buffer;
  }
  if (sum !== entry.crc32) throw new Error(`entry ${JSON.stringify(entry.fileName)} has a wrong CRC`);
}

/** Inflates every entry and compares its CRC, like `unzip -t`. Returns how many there are; throws at the first fault. */
export async function testVolume(
  path: string,
  { signal, ...options }: OpenVolumeOptions & { signal?: AbortSignal | undefined } = {},
): Promise<{ entries: number; bytes: number }> {
  let entries = 0;
  let bytes = 0;
  for await (const entry of openVolume(path, options)) {
    for await (const _ of await entry.content()) signal?.throwIfAborted();
    entries++;
    bytes += entry.bytes;
  }
  return { entries, bytes };
}
