import { access, constants, statfs } from 'node:fs/promises';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Drive } from '../drives/drive.ts';
import type { Part } from './parts.ts';

/** What a filesystem cannot hold. */
interface Limits {
  maxFileBytes: number;
  maxNameLength: number;
}

const limits: Record<string, Limits> = {
  // The size field of a directory entry has 32 bits.
  vfat: { maxFileBytes: 2 ** 32 - 1, maxNameLength: 255 },
};
const otherLimits: Limits = { maxFileBytes: 2 ** 44 - 1, maxNameLength: 255 };

/** Room that descriptions, receipt, folders and half-filled clusters take beside the files' own bytes. */
const spareBytes = 2 * 2 ** 20;
/** FAT and exFAT cut files into clusters of up to 32 and 128 KiB. */
const clusterBytes = 128 * 1024;

export const roomFor = (parts: readonly Part[]): number =>
  parts.reduce((sum, part) => sum + Math.ceil(part.bytes / clusterBytes) * clusterBytes, 0);

/** Throws SX_MEDIUM_UNFIT when this drive can never take these parts: read-only, or files beyond the filesystem's limit. */
export async function checkFitness(folder: string, drive: Drive, parts: readonly Part[]): Promise<void> {
  const unfit = (what: string, nextStep: string): SextantError =>
    new SextantError('SX_MEDIUM_UNFIT', what, { nextStep });
  if (drive.readOnlyBecause !== null) {
    throw unfit(`${folder} is read-only: ${drive.readOnlyBecause}`, 'lift that or take another medium');
  }
  await access(folder, constants.W_OK).catch((cause) => {
    throw unfit(`${folder} cannot be written: ${cause.message}`, 'give this user the right, or take another medium');
  });
  const { maxFileBytes, maxNameLength } = limits[drive.filesystem] ?? otherLimits;
  for (const { path, bytes } of parts) {
    if (bytes > maxFileBytes) {
      throw unfit(
        `${path} has ${bytes} bytes; ${drive.filesystem} holds files of ${maxFileBytes} at most`,
        'take a medium with exFAT, NTFS or ext4',
      );
    }
    const name = path.split('/').at(-1) ?? '';
    if (name.length + '.partial'.length > maxNameLength) {
      throw unfit(`the name ${path} is too long for ${drive.filesystem}`, 'take a medium with another filesystem');
    }
  }
}

/** Bytes of payload that fit beside the descriptions; null when the filesystem does not count its space. */
export async function roomOn(folder: string, tags: readonly Part[]): Promise<number | null> {
  const { blocks, bavail, bsize } = await statfs(folder);
  return blocks === 0 ? null : Math.max(0, bavail * bsize - roomFor(tags) - spareBytes);
}
