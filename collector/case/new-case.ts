import { existsSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../durable/make-folder.ts';
import { unwritable } from '../../durable/unwritable.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import { caseDatabase } from './case-records.ts';

export const isCase = (path: string): boolean => existsSync(join(path, caseDatabase));

/**
 * Whether a case may be at `path`: there is one, or nothing, or an empty folder. Throws SX_CONFLICT for what holds
 * something else, SX_BAD_REQUEST for what is no folder.
 */
export function demandCasePlace(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found || isCase(path)) return;
  if (!found.isDirectory()) {
    throw new SextantError('SX_BAD_REQUEST', `${path} is a file, and a case is a folder`, {
      nextStep: 'name a new folder, or one that `sextant bundle import` has made',
    });
  }
  if (readdirSync(path).length === 0) return;
  throw new SextantError('SX_CONFLICT', `${path} is there already and is no case`, {
    nextStep: 'name a new folder, or one that `sextant bundle import` has made',
  });
}

/** The folders of a case that is being opened, and how to leave nothing of them. */
export interface CaseFolders {
  /** False for a case that was there before. */
  isNew: boolean;
  /** Removes what was made and is still empty. */
  removeEmpty(): void;
  /** Removes the case with all that is in it, unless it was there before. Nothing may be open in it. */
  remove(): Promise<void>;
}

/** Makes what is missing of `ROOT/collector`. Throws SX_BAD_REQUEST where it may not. */
export function makeCaseFolders(root: string, folder: string): CaseFolders {
  const isNew = !isCase(root);
  const made: string[] = [];
  for (let path = folder; !existsSync(path) && path !== dirname(path); path = dirname(path)) made.push(path);
  try {
    makeFolder(folder);
  } catch (error) {
    throw unwritable(root, error);
  }

  const removeEmpty = (): void => {
    for (const path of made) {
      try {
        rmdirSync(path);
      } catch {
        // Somebody has put something there.
        return;
      }
    }
  };
  return {
    isNew,
    removeEmpty,
    async remove() {
      if (!isNew) return;
      // It is the working folder of this process.
      process.chdir(tmpdir());
      // The engine may still be writing when its connections are closed.
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
      for (const suffix of ['', '-wal', '-shm', '-journal'])
        await rm(join(root, caseDatabase + suffix), { force: true });
      made.shift();
      removeEmpty();
    },
  };
}
