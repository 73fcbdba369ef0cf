import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { TarArchive } from 'archiver';

/** A finished bundle as one uncompressed tar stream: its volumes are compressed already. Entries lie under its name. */
export async function bundleTar(folder: string, name: string): Promise<Readable> {
  const paths = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const archive = new TarArchive();
  archive.on('warning', (error: Error) => archive.destroy(error));
  for (const path of paths) archive.file(path, { name: `${name}/${path.slice(folder.length + 1)}`, mode: 0o644 });
  void archive.finalize();
  return archive;
}
