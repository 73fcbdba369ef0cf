import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * How the bytes came back, for the receipt.
 * `direct`: O_DIRECT, or FILE_FLAG_NO_BUFFERING on Windows, past the page cache. `dropped`: the page cache was told to forget the file first
 * (posix_fadvise DONTNEED). `cached`: neither is to be had here; the bytes may come out of memory, which proves little.
 */
export type ReadBackMethod = 'direct' | 'dropped' | 'cached';

export interface ReadBack {
  sha512: string;
  bytes: number;
  method: ReadBackMethod;
}

/** 4 MiB: on USB sticks larger reads gain nothing. */
const chunkBytes = 4 * 2 ** 20;
/** UV_FS_O_DIRECT of libuv on Windows, which makes it FILE_FLAG_NO_BUFFERING; Node has no name for it there. */
const noBuffering = 0x02000000;
let pages: [Uint8Array, Uint8Array] | undefined;

/** Two buffers that begin at a page, as O_DIRECT wants: WebAssembly's memory always does, Node's own buffers do not. */
function alignedBuffers(): [Uint8Array, Uint8Array] {
  if (!pages) {
    const memory = new WebAssembly.Memory({ initial: (2 * chunkBytes) / 65_536 });
    pages = [new Uint8Array(memory.buffer, 0, chunkBytes), new Uint8Array(memory.buffer, chunkBytes, chunkBytes)];
  }
  return pages;
}

/**
 * Reads a file that has been written and synced back from its medium and hashes it, the next chunk being read while
 * one is hashed. One at a time: the buffers are shared. `device` is the number (stat's `dev`) of the filesystem that it
 * must lie on. Throws what reading throws.
 */
export async function readBack(
  path: string,
  { device, signal, onBytes }: { device: number; signal?: AbortSignal; onBytes?: (bytes: number) => void },
): Promise<ReadBack> {
  const { file, method } = await openUncached(path);
  try {
    const { dev, size } = await file.stat();
    if (dev !== device) throw Object.assign(new Error('the medium is not there'), { code: 'ENODEV' });
    const hash = createHash('sha512');
    const buffers = alignedBuffers();
    const read = (at: number, turn: number): Promise<number> =>
      at >= size
        ? Promise.resolve(0)
        : file.read(buffers[turn % 2] as Uint8Array, 0, chunkBytes, at).then(({ bytesRead }) => bytesRead);
    let bytes = 0;
    let got = await read(0, 0);
    for (let turn = 0; got > 0; turn++) {
      const next = read(bytes + got, turn + 1);
      next.catch(() => undefined);
      hash.update((buffers[turn % 2] as Uint8Array).subarray(0, got));
      bytes += got;
      onBytes?.(got);
      got = await next;
      signal?.throwIfAborted();
    }
    return { sha512: hash.digest('hex'), bytes, method };
  } finally {
    await file.close();
  }
}

async function openUncached(path: string): Promise<{ file: FileHandle; method: ReadBackMethod }> {
  const { O_RDONLY, O_NOFOLLOW } = constants;
  // Whole pages into aligned buffers, from multiples of a chunk: what Windows wants too.
  if (process.platform === 'win32') return { file: await open(path, O_RDONLY | noBuffering), method: 'direct' };
  const direct = (constants as { O_DIRECT?: number }).O_DIRECT;
  if (direct !== undefined && process.platform === 'linux') {
    try {
      return { file: await open(path, O_RDONLY | O_NOFOLLOW | direct), method: 'direct' };
    } catch (error) {
      // EINVAL is how a filesystem says that it has no direct reads.
      if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
    }
    const dropped = await dropPages(path);
    return { file: await open(path, O_RDONLY | O_NOFOLLOW), method: dropped ? 'dropped' : 'cached' };
  }
  return { file: await open(path, O_RDONLY), method: 'cached' };
}

/** GNU dd's documented way to advise the kernel to drop a file's cached pages; they are clean after fsync. */
const dropPages = (path: string): Promise<boolean> =>
  promisify(execFile)('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none']).then(
    () => true,
    () => false,
  );
