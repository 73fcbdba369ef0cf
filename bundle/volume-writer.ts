import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../durable/atomic-write.ts';
import { safeEntryPath, uniqueEntryPath } from './entry-path.ts';
import { createZipVolume, maxPieceBytes, type ZipVolume, type ZipVolumeLimits } from './zip-volume.ts';

/** Bounds of the format: below 2 GiB (FAT32 and old tools) and below what needs Zip64. */
const volumeLimits: ZipVolumeLimits = {
  maxBytes: Math.floor(1.9 * 2 ** 30),
  maxEntries: 65_000,
  level: 1,
};

export interface Volume {
  /** `<base>.v001.zip`. */
  name: string;
  path: string;
  bytes: number;
  entries: number;
}

interface WrittenEntry {
  /** One path, or several when the entry was cut at the end of a volume: join the parts in this order. */
  parts: { volume: string; path: string }[];
  bytes: number;
}

/**
 * Writes entries one at a time into independent zip volumes. A volume is closed, synced and given its name before the
 * next is opened, so that a crash costs the open one only.
 */
export interface VolumeWriter {
  /** Sanitises the path and makes it unique. Returns when the content has been taken; an error of the content ends the entry where it stood and is thrown. */
  add(
    entry: {
      path: string;
      modifiedMs: number;
      /** For content that is of no use in parts: so many bytes, at most, begin the next volume when this one has no room. */
      wholeBytes?: number;
    },
    content: AsyncIterable<Buffer> | Iterable<Buffer>,
  ): Promise<WrittenEntry>;
  /** Closes the last volume; an empty writer has none. */
  close(): Promise<Volume[]>;
  /** Removes the open volume; closed ones stay. */
  abandon(): Promise<void>;
  /**
   * Why a volume could not be written, a full disk for example: what it lacks cannot be mended, so every later call throws
   * the same. An error of the content is none.
   */
  readonly failure: unknown;
}

export function createVolumeWriter(
  target: { folder: string; base: string },
  limits: ZipVolumeLimits = volumeLimits,
): VolumeWriter {
  const volumes: Volume[] = [];
  const taken = new Set<string>();
  let open: { name: string; zip: ZipVolume } | undefined;

  let failure: unknown;
  const writing = async <T>(work: () => Promise<T>): Promise<T> => {
    if (failure !== undefined) throw failure;
    try {
      return await work();
    } catch (error) {
      failure = error;
      throw error;
    }
  };

  const partialPath = (name: string): string => join(target.folder, `${name}.partial`);
  const openNext = async (): Promise<{ name: string; zip: ZipVolume }> => {
    const name = `${target.base}.v${String(volumes.length + 1).padStart(3, '0')}.zip`;
    open = { name, zip: await createZipVolume(partialPath(name), limits) };
    return open;
  };
  const closeOpen = async (): Promise<void> => {
    if (!open) return;
    const { name, zip } = open;
    const path = join(target.folder, name);
    const bytes = await zip.close();
    await rename(partialPath(name), path);
    syncFolder(target.folder);
    volumes.push({ name, path, bytes, entries: zip.entries });
    open = undefined;
  };
  const volumeFor = async (path: string, wholeBytes: number): Promise<{ name: string; zip: ZipVolume }> => {
    if (open && !open.zip.fits(path, wholeBytes)) await closeOpen();
    return open ?? (await openNext());
  };

  return {
    add: async (entry, content) => {
      const path = uniqueEntryPath(safeEntryPath(entry.path), taken);
      const written: WrittenEntry = { parts: [], bytes: 0 };
      const beginPart = async (): Promise<{ name: string; zip: ZipVolume }> => {
        const number = written.parts.length + 1;
        const partPath = number === 1 ? path : `${path}.part${String(number).padStart(3, '0')}`;
        const volume = await volumeFor(partPath, entry.wholeBytes ?? 0);
        await volume.zip.begin(partPath, entry.modifiedMs);
        written.parts.push({ volume: volume.name, path: partPath });
        return volume;
      };
      let volume = await writing(beginPart);
      const writePiece = async (piece: Buffer): Promise<void> => {
        if (await volume.zip.write(piece)) return;
        await volume.zip.end();
        await closeOpen();
        volume = await beginPart();
        if (!(await volume.zip.write(piece))) throw new Error('BUG: a fresh volume has no room for one piece');
      };
      try {
        for await (const chunk of content) {
          for (let at = 0; at < chunk.length; at += maxPieceBytes) {
            const piece = chunk.subarray(at, at + maxPieceBytes);
            await writing(() => writePiece(piece));
            written.bytes += piece.length;
          }
        }
      } finally {
        if (failure === undefined) await writing(() => volume.zip.end());
      }
      return written;
    },
    close: async () => {
      await writing(closeOpen);
      return volumes;
    },
    get failure() {
      return failure;
    },
    abandon: async () => {
      if (!open) return;
      await open.zip.abandon();
      await rm(partialPath(open.name), { force: true });
      open = undefined;
    },
  };
}
