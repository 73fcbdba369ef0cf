import { statfs } from 'node:fs/promises';

/** Bytes that an unprivileged writer may still use on the filesystem of this path. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
