import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';

/** Folders that are watched at most; inotify's limits are per user and shared with everything else on the machine. */
const maxFolders = 512;

/**
 * Hears from the kernel that something in a folder has changed, so that quiet files need not be asked. Only a hint:
 * what is missed (network filesystems, exhausted limits) is found by polling.
 */
export function createWakeUps(handlers: {
  /** Something was written to this path. */
  changed(path: string): void;
  /** This name appeared, went or moved; undefined when the kernel did not say which. */
  renamed(path: string | undefined): void;
}) {
  const watchers = new Map<string, FSWatcher>();

  function drop(folder: string): void {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  }

  return {
    /**
     * Watches exactly these folders, as far as limits allow. True when one is new: what happened in it before it was
     * watched is known only to a scan after this.
     */
    watch(folders: readonly string[]): boolean {
      let added = false;
      const wanted = new Set(folders);
      for (const folder of watchers.keys()) if (!wanted.has(folder)) drop(folder);
      for (const folder of wanted) {
        if (watchers.has(folder) || watchers.size >= maxFolders) continue;
        try {
          const watcher = watch(folder, { persistent: false }, (event, name) => {
            if (name === null) handlers.renamed(undefined);
            else if (event === 'rename') handlers.renamed(join(folder, name));
            else handlers.changed(join(folder, name));
          });
          watcher.on('error', () => drop(folder));
          watchers.set(folder, watcher);
          added = true;
        } catch {
          // Gone, not readable, or no inotify watch left: polling covers it.
        }
      }
      return added;
    },
    isWatched: (folder: string): boolean => watchers.has(folder),
    close(): void {
      for (const folder of [...watchers.keys()]) drop(folder);
    },
  };
}
