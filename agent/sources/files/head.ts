import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

/** A file is told apart from another in its place by its first bytes; 1 KiB holds several lines of any log. */
export const headLimit = 1024;

/**
 * First bytes of the file, at most `limit`; fewer when the filesystem gives fewer.
 *
 * One read: were the rest asked for with a second one, a truncation between the two would make a head of old bytes and
 * new ones, which no copy and no later look can match. What is missing comes with the next look.
 */
export async function readHead(handle: FileHandle, limit = headLimit): Promise<Buffer> {
  const head = Buffer.allocUnsafe(limit);
  const { bytesRead } = await handle.read(head, 0, limit, 0);
  // A copy of its own size: followed files are many and mostly short.
  return bytesRead === limit ? head : Buffer.from(head.subarray(0, bytesRead));
}

/** 96 bits of SHA-256 over the head. */
export const fingerprint = (head: Uint8Array): string =>
  createHash('sha256').update(head).digest('base64url').slice(0, 16);

/**
 * Prefix of `log.record.uid` of one generation of one file. The first line goes in because an inode is used again
 * once its file is gone; it is complete before anything is emitted, so the same content gives the same id.
 */
export function generationId(host: string, dev: string, ino: string, generation: number, head: Buffer): string {
  const newline = head.indexOf(10);
  const firstLine = newline < 0 ? head : head.subarray(0, newline + 1);
  return createHash('sha256')
    .update(`${host}\0${dev}\0${ino}\0${generation}\0`)
    .update(firstLine)
    .digest('base64url')
    .slice(0, 12);
}
