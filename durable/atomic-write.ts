import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes a rename or unlink in this folder survive a power cut. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Replaces a file as a whole: readers see the old content or the new, also after a power cut.
 * Returns after the content and the name are on disk. The mode is 0600 unless told otherwise.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array, mode = 0o600): void {
  const partial = `${path}.partial`;
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const fd = openSync(partial, 'w', mode);
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(partial, path);
  syncFolder(dirname(path));
}
