import type { FileHandle } from 'node:fs/promises';

/** Writes all parts one behind the other from `at` on; a short write goes on where it ended. */
export async function writeAll(file: FileHandle, parts: Uint8Array[], at: number): Promise<void> {
  let rest = parts.filter((part) => part.length > 0);
  while (rest.length > 0) {
    // IOV_MAX is 1024 on Linux.
    const some = rest.slice(0, 1000);
    let { bytesWritten } = await file.writev(some, at);
    at += bytesWritten;
    let whole = 0;
    for (const part of some) {
      if (bytesWritten < part.length) break;
      bytesWritten -= part.length;
      whole += 1;
    }
    rest = rest.slice(whole);
    if (bytesWritten > 0 && rest[0]) rest[0] = rest[0].subarray(bytesWritten);
  }
}
