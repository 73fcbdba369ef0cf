import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import picomatch from 'picomatch';
import { Unanswered } from '../../filesystems/unanswered.ts';
import { isPacked } from './packed.ts';
import type { AskPath } from './scan-questions.ts';

interface Found {
  /** Files that a glob matches and no exclusion does. */
  matched: string[];
  /** Regular files beside them: where a rotated file may have gone. */
  others: string[];
  /** Compressed files beside them: their text was read before it was compressed, if the agent was there. */
  packed: string[];
  /** Folders that were looked at. */
  folders: string[];
  /** Folders that did not answer: nothing is known of what is in them. */
  silent: string[];
}

export interface Discovery {
  find(ask: AskPath): Promise<Found>;
  /** True when a file of this path would be among `matched`. */
  matches(path: string): boolean;
  /** Folders in which the globs begin. */
  bases: readonly string[];
}

/** Bounds what a careless glob such as `/**` costs. */
const limits = { folders: 2_000, files: 50_000, levels: 8 };

/**
 * Finds files by absolute globs. Walks from each glob's fixed part, down only as far as the glob reaches; symbolic
 * links to folders are not followed. A folder that cannot be read is passed over, and so is one that does not answer.
 */
export function createDiscovery(globs: readonly string[], exclude: readonly string[]): Discovery {
  const roots = globs.map((glob) => {
    const { base, glob: rest } = picomatch.scan(glob);
    // A plain path has no wildcard part: its folder is the root.
    const root = rest === '' ? dirname(glob) : base || '/';
    const levels = rest === '' ? 1 : rest.includes('**') ? limits.levels : rest.split('/').length;
    return { root, levels, isMatch: picomatch(glob, { dot: true }) };
  });
  const isExcluded = exclude.length > 0 ? picomatch([...exclude], { dot: true }) : () => false;
  const matches = (path: string) => !isPacked(path) && roots.some(({ isMatch }) => isMatch(path)) && !isExcluded(path);

  return {
    matches,
    bases: roots.map(({ root }) => root),
    async find(ask) {
      const matched = new Set<string>();
      const others = new Set<string>();
      const packed = new Set<string>();
      const silent = new Set<string>();
      const listings = new Map<string, Dirent[]>();
      const list = async (folder: string): Promise<Dirent[]> => {
        try {
          const listing = await ask(folder, () => readdir(folder, { withFileTypes: true }).catch(() => []));
          listings.set(folder, listing);
          return listing;
        } catch (error) {
          if (!(error instanceof Unanswered)) throw error;
          silent.add(folder);
          return [];
        }
      };
      for (const { root, levels } of roots) {
        let folders = [root];
        for (let level = 1; level <= levels && folders.length > 0; level += 1) {
          const below: string[] = [];
          for (const folder of folders) {
            if (listings.size >= limits.folders || matched.size >= limits.files) break;
            const known = listings.get(folder);
            for (const entry of known ?? (await list(folder))) {
              const path = join(folder, entry.name);
              if (entry.isDirectory()) below.push(path);
              else if (known || (!entry.isFile() && !entry.isSymbolicLink())) continue;
              else if (isPacked(path)) packed.add(path);
              else if (matches(path)) matched.add(path);
              else if (entry.isFile()) others.add(path);
            }
          }
          folders = below;
        }
      }
      return {
        matched: [...matched],
        others: [...others],
        packed: [...packed],
        folders: [...listings.keys()],
        silent: [...silent],
      };
    },
  };
}
