import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';

/** A pipe that took the place of a file between two looks is opened without waiting for its other end. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
const pieceBytes = 64 * 1024;

/**
 * Reads a text that a person has written. What is no regular file is not opened: a pipe would be waited for, a device may
 * have no end. Throws with the reason in words, or with what the operating system says.
 */
export function readTextFile(file: string, maxBytes: number): string {
  demandFile(statSync(file));
  const descriptor = openSync(file, flags);
  try {
    demandFile(fstatSync(descriptor));
    const pieces: Buffer[] = [];
    let length = 0;
    // To the end, not to the size: files of /proc tell none.
    for (;;) {
      const piece = Buffer.allocUnsafe(pieceBytes);
      const read = readSync(descriptor, piece, 0, pieceBytes, length);
      if (read === 0) return Buffer.concat(pieces).toString('utf8');
      length += read;
      if (length > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`);
      pieces.push(piece.subarray(0, read));
    }
  } finally {
    closeSync(descriptor);
  }
}

function demandFile(found: Stats): void {
  if (found.isFile()) return;
  const kind = found.isDirectory() ? 'folder' : found.isFIFO() ? 'pipe' : found.isSocket() ? 'socket' : 'device';
  throw new Error(`it is a ${kind}, not a file`);
}
