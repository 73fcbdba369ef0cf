import type { FollowedFile } from './followed-file.ts';

/** A followed file and when to look at it next. */
export interface Followed {
  readonly file: FollowedFile;
  nextLookMs: number;
  /** Grows while nothing happens. */
  pauseMs: number;
  lastLookMs: number;
  /** A read that has not come back (a dead network mount): not looked at until it does. */
  stalled: boolean;
  /** Whole lines wait for what may go on with them: handed out when nothing came for this long. */
  flushAfterMs: number | undefined;
}

/** Files that are followed now, by inode and by the path they can be opened at. */
export function createRegistry() {
  const byKey = new Map<string, Followed>();
  const byPath = new Map<string, Followed>();

  function leavePath(entry: Followed): void {
    if (byPath.get(entry.file.path) === entry) byPath.delete(entry.file.path);
  }

  return {
    get: (key: string): Followed | undefined => byKey.get(key),
    at: (path: string): Followed | undefined => byPath.get(path),
    all: (): IterableIterator<Followed> => byKey.values(),
    size: (): number => byKey.size,
    add(file: FollowedFile, nowMs: number, pauseMs: number): Followed {
      if (byKey.has(file.key)) throw new Error(`BUG: ${file.key} is followed twice`);
      const entry: Followed = {
        file,
        nextLookMs: nowMs,
        pauseMs,
        lastLookMs: 0,
        stalled: false,
        flushAfterMs: undefined,
      };
      byKey.set(file.key, entry);
      byPath.set(file.path, entry);
      return entry;
    },
    moveTo(entry: Followed, path: string): void {
      leavePath(entry);
      entry.file.path = path;
      byPath.set(path, entry);
    },
    /** The path leads to another file now; the entry goes on by its handle. */
    leavePath,
    drop(entry: Followed): void {
      leavePath(entry);
      byKey.delete(entry.file.key);
    },
  };
}
export type Registry = ReturnType<typeof createRegistry>;
