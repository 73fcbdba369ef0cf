import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise } from 'yauzl';

/** Bounds on a volume from outside. A log line repeated for a window compresses 200:1 at most in practice; 1032:1 is deflate's limit. */
const maxEntries = 65_534;
const maxEntryBytes = 2 ** 31;

export interface OpenedEntry {
  path: string;
  bytes: number;
  compressedBytes: number;
  /** Content, inflated; fails when it does not have the size that the directory says. */
  content(): Promise<Readable>;
  crc32: number;
}

function refuse(entry: Entry): string | undefined {
  if (entry.isEncrypted()) return 'is encrypted by zip';
  if (entry.uncompressedSize > maxEntryBytes) return 'is larger than any entry of a bundle';
  // Upper half of the external attributes: Unix mode; 0o120000 is a symbolic link.
  if (entry.externalFileAttributes >>> 28 === 0o12) return 'is a symbolic link';
  return undefined;
}

/**
 * Walks a volume that may be hostile: names are checked (no absolute path, no `..`, no backslash), sizes and the number
 * of entries are bounded, links and encrypted entries are refused. Throws at the first fault.
 */
export async function* openVolume(path: string): AsyncGenerator<OpenedEntry> {
  const zip = await openPromise(path, { strictFileNames: true, autoClose: false });
  try {
    if (zip.entryCount > maxEntries) throw new Error(`${zip.entryCount} entries, more than any volume has`);
    for await (const entry of zip.eachEntry()) {
      const fault = refuse(entry);
      if (fault) throw new Error(`entry ${JSON.stringify(entry.fileName)} ${fault}`);
      yield {
        path: entry.fileName,
        bytes: entry.uncompressedSize,
        compressedBytes: entry.compressedSize,
        crc32: entry.crc32,
        content: async () => (await zip.openReadStreamPromise(entry)) as Readable,
      };
    }
  } finally {
    zip.close();
  }
}

/** Inflates every entry and compares its CRC, like `unzip -t`. Returns how many there are; throws at the first fault. */
export async function testVolume(path: string, signal?: AbortSignal): Promise<{ entries: number; bytes: number }> {
  let entries = 0;
  let bytes = 0;
  for await (const entry of openVolume(path)) {
    let sum = 0;
    for await (const chunk of await entry.content()) {
      signal?.throwIfAborted();
      sum = crc32(chunk as Buffer, sum);
    }
    if (sum !== entry.crc32) throw new Error(`entry ${JSON.stringify(entry.path)} has a wrong CRC`);
    entries++;
    bytes += entry.bytes;
  }
  return { entries, bytes };
}
