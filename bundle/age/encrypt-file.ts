import { open, rm } from 'node:fs/promises';
import type { AgeRecipient } from './key.ts';
import { encryptStream } from './stream.ts';

const readBytes = 256 * 1024;

/** A file's content in one buffer that is filled again and again: what came before is gone. */
async function* contentOf(path: string): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    const buffer = Buffer.allocUnsafe(readBytes);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/**
 * Encrypts `path` to `<path>.age` for every recipient and removes the plaintext once the ciphertext is on disk; returns
 * the ciphertext's path and size. When it fails the unfinished ciphertext is removed; the plaintext is the caller's to remove.
 */
export async function encryptFile(
  path: string,
  recipients: readonly AgeRecipient[],
  signal?: AbortSignal,
): Promise<{ path: string; bytes: number }> {
  const target = `${path}.age`;
  const file = await open(target, 'wx', 0o600);
  let bytes = 0;
  try {
    for await (const piece of encryptStream(contentOf(path), { recipients })) {
      signal?.throwIfAborted();
      for (let done = 0; done < piece.length; ) {
        done += (await file.write(piece, done, piece.length - done, bytes + done)).bytesWritten;
      }
      bytes += piece.length;
    }
    await file.sync();
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(target, { force: true }).catch(() => undefined);
    throw error;
  }
  await file.close();
  await rm(path);
  return { path: target, bytes };
}
