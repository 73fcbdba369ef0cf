import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openRegular } from '../../bundle/manifest.ts';
import { syncFolder } from '../../durable/atomic-write.ts';
import { makeFolder } from '../../durable/make-folder.ts';
import type { Part } from './parts.ts';

const chunkBytes = 4 * 2 ** 20;
/**
 * Written bytes go to the medium after this many. Without it the kernel takes gigabytes into memory, progress means
 * nothing, and the last fsync lasts for minutes on a slow stick.
 */
const syncEveryBytes = 64 * 2 ** 20;

/**
 * Copies one part to `<part>.partial`, syncs it and gives it its name. `device` is the number (stat's `dev`) of the
 * filesystem that it must land on: should the medium be unmounted just now, the folder below it gets nothing.
 * Returns when content and name are on the medium.
 */
export async function copyPart(part: Part, { from, to, device, signal, onBytes }: CopyOptions): Promise<void> {
  const path = join(to, part.path);
  makeFolder(dirname(path), 0o755);
  const source = await openRegular(join(from, part.path));
  let whole = false;
  try {
    const target = await open(`${path}.partial`, 'w', 0o644);
    try {
      if ((await target.stat()).dev !== device) {
        throw Object.assign(new Error('the medium is not there'), { code: 'ENODEV' });
      }
      const buffers = [Buffer.allocUnsafe(chunkBytes), Buffer.allocUnsafe(chunkBytes)];
      let written = 0;
      let unsynced = 0;
      let { bytesRead } = await source.file.read(buffers[0] as Buffer, 0, chunkBytes, 0);
      for (let turn = 0; bytesRead > 0; turn++) {
        signal.throwIfAborted();
        const chunk = (buffers[turn % 2] as Buffer).subarray(0, bytesRead);
        // The source's next chunk is read while the medium takes this one.
        const next = source.file.read(buffers[(turn + 1) % 2] as Buffer, 0, chunkBytes, written + bytesRead);
        next.catch(() => undefined);
        for (let at = 0; at < chunk.length; ) {
          at += (await target.write(chunk, at, chunk.length - at, written + at)).bytesWritten;
        }
        written += chunk.length;
        unsynced += chunk.length;
        if (unsynced >= syncEveryBytes) {
          await target.datasync();
          unsynced = 0;
        }
        onBytes?.(chunk.length);
        ({ bytesRead } = await next);
      }
      await target.sync();
      whole = true;
    } finally {
      await target.close();
    }
  } finally {
    await source.file.close();
    // Half a file would only take room; on a medium that is gone this finds nothing.
    if (!whole) await rm(`${path}.partial`, { force: true }).catch(() => undefined);
  }
  await rename(`${path}.partial`, path);
  syncFolder(dirname(path));
}

interface CopyOptions {
  /** Folders of the bundle: the source and the one on the medium. */
  from: string;
  to: string;
  device: number;
  signal: AbortSignal;
  onBytes?: (bytes: number) => void;
}
