import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Damage } from './damage.ts';
import { lockSoundly, setAsideDamaged } from './set-aside.ts';

/** Where a bundle's writer finds its keys and makes its notes. */
export interface WorkFolder {
  path: string;
  /** What was found damaged there, and how it is gone on without it. */
  damage: Damage[];
  /** Why what is written there is gone when it is closed; undefined in the node's own folder. */
  passing: string | undefined;
  close(): void;
}

const kept = ['keys/sextant.key', 'keys/redaction.key', 'names.json'];

/**
 * Claims the node's own folder, or where that takes no writing (a filesystem that went read-only, a full or failing disk), makes
 * a copy of what is needed of it in the system's folder for temporary files, which goes when it is closed.
 * Throws SX_DATA_FOLDER_HELD, and SX_DATA_FOLDER when neither can be had.
 */
export function openWorkFolder(folder: string, holder: { role: string; nowMs: number }): WorkFolder {
  try {
    const { lock, damage } = lockSoundly(folder, holder);
    damage.push(...setAsideDamaged(folder, holder.nowMs));
    return { path: folder, damage, passing: undefined, close: () => lock.close() };
  } catch (error) {
    if (!(error instanceof SextantError) || error.code !== 'SX_DATA_FOLDER') throw error;
    return openCopy(folder, error, holder);
  }
}

function openCopy(folder: string, cause: SextantError, { nowMs }: { nowMs: number }): WorkFolder {
  let path: string;
  try {
    path = mkdtempSync(join(tmpdir(), 'sextant-collect-'));
  } catch {
    throw new SextantError('SX_DATA_FOLDER', `${cause.message}; nor can ${tmpdir()} be written`, {
      cause,
      nextStep: 'set TMPDIR to a folder that takes a few megabytes, as /dev/shm or the medium, and call it again',
    });
  }
  const close = (): void => rmSync(path, { recursive: true, force: true });
  try {
    for (const name of kept) {
      const copy = join(path, name);
      mkdirSync(dirname(copy), { recursive: true });
      try {
        copyFileSync(join(folder, name), copy);
      } catch {
        // Never made, or not to be read: it is made anew, as where it is damaged.
      }
    }
    const instead =
      'keys were used from a copy, new ones are not kept, and nothing of this bundle is noted on the node';
    const damage = [{ file: folder, reason: cause.message, instead }, ...setAsideDamaged(path, nowMs)];
    return { path, damage, passing: cause.message, close };
  } catch (error) {
    close();
    throw error;
  }
}
