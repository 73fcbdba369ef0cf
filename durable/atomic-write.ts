import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes new names, renames and removals in this folder survive a power cut.
 *
 * Windows flushes files only (EPERM for a folder). There NTFS and ReFS log changes of names in their order, and
 * flushing any file of the volume writes the log as far as it has come: what needs a name to be durable flushes a file
 * after it.
 */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The same without holding up the caller's thread: beside much writing it takes a tenth of a second. */
export async function syncFolderLater(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the name that this file has just been given durable. */
export function syncName(path: string): void {
  syncFolder(dirname(path));
  if (process.platform !== 'win32') return;
  const fd = openSync(path, 'r+');
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
  syncName(path);
}
