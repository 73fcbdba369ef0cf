import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** One line of a BagIt manifest. */
export interface ManifestLine {
  sha512: string;
  /** Relative to the bundle's folder, forward slashes. */
  path: string;
}

/** Characters that our own names have; a manifest from outside with anything else is refused. */
const pathPattern = /^(?:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\/){0,4}[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
export const isManifestPath = (path: string): boolean => pathPattern.test(path) && path.length <= 255;

export const formatManifest = (lines: ManifestLine[]): string =>
  [...lines]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ sha512, path }) => `${sha512}  ${path}\n`)
    .join('');

export const maxManifestBytes = 16 * 2 ** 20;
const maxManifestLines = 100_000;

/** Reads a manifest from outside; returns the first fault instead of lines when it has one. */
export function parseManifest(text: string): { lines: ManifestLine[] } | { fault: string } {
  const lines: ManifestLine[] = [];
  const seen = new Set<string>();
  for (const line of text.split('\n')) {
    if (line === '' || line === '\r') continue;
    const match = /^([0-9a-fA-F]{128}) [ *](.+?)\r?$/.exec(line);
    if (!match?.[1] || !match[2]) return { fault: `line ${lines.length + 1} is not "<sha512>  <path>"` };
    const path = match[2];
    if (!isManifestPath(path)) return { fault: `line ${lines.length + 1} names a path that no bundle has` };
    if (seen.has(path.toLowerCase())) return { fault: `${path} is listed twice` };
    if (lines.length === maxManifestLines) return { fault: `more than ${maxManifestLines} lines` };
    seen.add(path.toLowerCase());
    lines.push({ sha512: match[1].toLowerCase(), path });
  }
  return { lines };
}

/** Opens a regular file without following a link in its last part; throws what `open` throws, or "not a regular file". */
export async function openRegular(path: string): Promise<{ file: FileHandle; bytes: number }> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const stat = await file.stat();
  if (!stat.isFile()) {
    await file.close();
    throw new Error('not a regular file');
  }
  return { file, bytes: stat.size };
}

/** SHA-512 of a file as lower-case hexadecimal, with its size; 1 MiB at a time, whatever the size. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<{ sha512: string; bytes: number }> {
  const { file } = await openRegular(path);
  try {
    const hash = createHash('sha512');
    const buffer = Buffer.allocUnsafe(2 ** 20);
    let bytes = 0;
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, buffer.length, bytes);
      if (bytesRead === 0) return { sha512: hash.digest('hex'), bytes };
      hash.update(buffer.subarray(0, bytesRead));
      bytes += bytesRead;
    }
  } finally {
    await file.close();
  }
}

/** Text of a small file from outside; refuses one beyond `maxBytes` before reading it. */
export async function readBounded(path: string, maxBytes: number): Promise<Buffer> {
  const { file, bytes } = await openRegular(path);
  try {
    if (bytes > maxBytes) throw new Error(`${bytes} bytes, more than the ${maxBytes} that this part may have`);
    const content = Buffer.alloc(bytes);
    let read = 0;
    while (read < bytes) {
      const { bytesRead } = await file.read(content, read, bytes - read, read);
      if (bytesRead === 0) break;
      read += bytesRead;
    }
    return content.subarray(0, read);
  } finally {
    await file.close();
  }
}
