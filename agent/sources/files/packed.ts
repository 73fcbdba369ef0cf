import type { FileHandle } from 'node:fs/promises';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { openTrusted } from '../../open-trusted.ts';
import { fingerprint, headLimit } from './head.ts';
import { openFlags } from './identity.ts';
import { namesBeforeRotation } from './rotated-names.ts';

/** Names that compressed files have; what follows files never takes them for logs. */
const packedName = /\.(gz|xz|zst|bz2|lz4|lzma|zip|Z)$/;
/** Those that can be read here. */
const unpackers = { gz: createGunzip, zst: createZstdDecompress } as const;

export const isPacked = (path: string): boolean => packedName.test(path);

/** Path under which a compressed rotation was followed before it was rotated; undefined when it has no such name. */
export function originalOfPacked(path: string, isFollowed: (path: string) => boolean): string | undefined {
  const name = basename(path).replace(packedName, '');
  const { suffix, infix } = namesBeforeRotation(name);
  return [suffix, infix, name]
    .filter((before) => before !== undefined)
    .map((before) => join(dirname(path), before))
    .find(isFollowed);
}

/** A rotated file that was compressed. Its text is read once, from the beginning on. */
export interface PackedFile {
  path: string;
  modifiedUnixMs: number;
  size: number;
  dev: bigint;
  ino: bigint;
  /** First bytes of the text, at most 1 KiB. */
  head: Buffer;
  /** The whole text in pieces. Throws when the file is damaged. Ends the file's use, as `close` does. */
  text(): AsyncGenerator<Buffer>;
  close(): Promise<void>;
}

/** Opens a compressed file; undefined when it is gone, damaged at its beginning, or of a kind that is not read. */
export async function openPacked(path: string): Promise<PackedFile | undefined> {
  const unpack = unpackers[/\.(gz|zst)$/.exec(path)?.[1] as keyof typeof unpackers];
  if (unpack === undefined) return undefined;
  let handle: FileHandle | undefined;
  try {
    handle = await openTrusted(path, openFlags);
    const found = await handle.stat({ bigint: true });
    if (!found.isFile()) {
      await handle.close();
      return undefined;
    }
    const packed = handle.createReadStream({ start: 0 });
    const stream: Readable = packed.pipe(unpack());
    packed.on('error', (error) => stream.destroy(error));
    const pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const begun: Buffer[] = [];
    for (let bytes = 0; bytes < headLimit; ) {
      const { value, done } = await pieces.next();
      if (done) break;
      begun.push(value);
      bytes += value.length;
    }
    const beginning = Buffer.concat(begun);
    const close = async (): Promise<void> => {
      stream.destroy();
      packed.destroy();
    };
    return {
      path,
      modifiedUnixMs: Number(found.mtimeMs),
      size: Number(found.size),
      dev: found.dev,
      ino: found.ino,
      head: Buffer.from(beginning.subarray(0, headLimit)),
      async *text() {
        try {
          if (beginning.length > 0) yield beginning;
          for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
        } finally {
          await close();
        }
      },
      close,
    };
  } catch {
    await handle?.close().catch(() => undefined);
    return undefined;
  }
}

/** Finds the compressed rotation of `original` whose text begins with these bytes; those that cannot be read by name. */
export async function findPacked(
  original: string,
  head: { bytes: number; fingerprint: string },
): Promise<PackedFile | undefined> {
  if (head.bytes === 0) return undefined;
  const folder = dirname(original);
  const isOriginal = (path: string) => path === original;
  for (const name of await readdir(folder).catch(() => [] as string[])) {
    const path = join(folder, name);
    if (!isPacked(path) || originalOfPacked(path, isOriginal) === undefined) continue;
    const packed = await openPacked(path);
    if (!packed) continue;
    if (packed.head.length >= head.bytes && fingerprint(packed.head.subarray(0, head.bytes)) === head.fingerprint) {
      return packed;
    }
    await packed.close();
  }
  return undefined;
}
