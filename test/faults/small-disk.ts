import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A filesystem of that size, gone after the test. Needs root. */
export function smallDisk(bytes: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  onTestFinished(() => {
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Takes all space but so many bytes, also while others write there, and returns what gives it back. */
export function fillDisk(disk: string, leaveBytes = 0): () => void {
  const hog = join(disk, 'hog');
  const file = openSync(hog, 'w');
  const free = (): number => {
    const { bavail, bsize } = statfsSync(disk);
    return bavail * bsize;
  };
  const piece = Buffer.alloc(64 * 1024, 'x');
  try {
    for (let left = free(); left > leaveBytes; left = free())
      writeSync(file, piece, 0, Math.min(piece.length, left - leaveBytes));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
  return () => rmSync(hog);
}
