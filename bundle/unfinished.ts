import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeFileAtomic } from '../durable/atomic-write.ts';
import { isBundleName } from './bundle-name.ts';

/**
 * Note of the staging folder that is being written, for a folder that belongs to somebody else: there nothing may be
 * removed by its name alone.
 */
export interface Unfinished {
  /** Durable when it returns. */
  begin(stagingFolder: string): void;
  end(): Promise<void>;
  /** Removes what a killed writer has left, if it is a staging folder at all; returns its path when there was one. */
  clean(): Promise<string | undefined>;
}

/** `folder` must be locked by the caller: there is one writer at a time. */
export function createUnfinished(folder: string): Unfinished {
  const note = join(folder, 'unfinished.json');
  return {
    begin: (stagingFolder) => writeFileAtomic(note, `${JSON.stringify({ stagingFolder })}\n`),
    end: () => rm(note, { force: true }),
    async clean() {
      let stagingFolder: unknown;
      try {
        stagingFolder = JSON.parse(readFileSync(note, 'utf8')).stagingFolder;
      } catch {
        return undefined;
      }
      const name = typeof stagingFolder === 'string' ? basename(stagingFolder) : '';
      const isStaging = name.endsWith('.partial') && isBundleName(name.slice(0, -'.partial'.length));
      if (isStaging) await rm(stagingFolder as string, { recursive: true, force: true });
      await rm(note, { force: true });
      return isStaging ? (stagingFolder as string) : undefined;
    },
  };
}
