import { randomUUID } from 'node:crypto';
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { SextantError } from '../errors/sextant-error.ts';
import type { AgeIdentity } from './age/key.ts';
import { decryptStream } from './age/stream.ts';
import { namedWhenFull } from './full-disk.ts';
import { openRegular } from './manifest.ts';
import { formatBytes } from './report-format.ts';

export interface PlainVolumeOptions {
  identities: readonly AgeIdentity[];
  /** Where the plaintext lies while it is read; a folder that nobody else may read. */
  scratch: string;
  signal?: AbortSignal | undefined;
}

const roomNeeded = 'free space there; for temporary files, TMPDIR may name another folder';
/** Space that is left free beside a plaintext. */
const reserveBytes = 64 * 2 ** 20;

/**
 * Decrypts a volume for as long as `use` reads it: a zip is read from its end, so the plaintext has to lie on disk. It is
 * gone when this settles. Throws when no identity opens it, when it was changed or cut, and SX_DISK_FULL when there is no room
 * for it.
 */
export async function withPlainVolume<T>(
  encrypted: string,
  { identities, scratch, signal }: PlainVolumeOptions,
  use: (plain: string) => Promise<T>,
): Promise<T> {
  const { file: source, bytes } = await openRegular(encrypted);
  const path = join(scratch, `${randomUUID()}.zip`);
  try {
    const { bavail, bsize } = await statfs(scratch);
    if (bavail * bsize < bytes + reserveBytes) {
      const what = `decrypting a volume takes ${formatBytes(bytes + reserveBytes)}, and ${formatBytes(bavail * bsize)} are free in ${scratch}`;
      throw new SextantError('SX_DISK_FULL', what, { nextStep: roomNeeded });
    }
    const target = await open(path, 'wx', 0o600);
    try {
      const content = source.createReadStream({ autoClose: false, highWaterMark: 256 * 1024 });
      for await (const piece of decryptStream(content, { identities })) {
        signal?.throwIfAborted();
        await target.write(piece);
      }
    } catch (error) {
      throw namedWhenFull(error, `the disk of ${scratch} filled up while a volume was decrypted`, roomNeeded);
    } finally {
      await target.close();
    }
    return await use(path);
  } finally {
    await source.close();
    await rm(path, { force: true });
  }
}
