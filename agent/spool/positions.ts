import type { FrameNotes } from './frame.ts';
import type { Bookmark } from './segment.ts';

/** Where every source is, over all streams of a spool. */
export interface Positions {
  get(key: string): string | undefined;
  /** All keys that are known. */
  keys(): string[];
  /** Makes a key unknown now; batches that are on their way already do not bring it back. */
  forget(key: string): void;
  /** Number of the next batch, higher than any before it in whatever stream. */
  nextOrdinal(): number;
  /** Takes over what an earlier run left; in any order, before the first batch. */
  adopt(bookmarks: Record<string, Bookmark>, lastOrdinal?: number): void;
  /** A batch has become durable. */
  move(notes: FrameNotes): void;
}

/**
 * A key's records may lie in several streams: its class has changed, or its stream has moved past a backlog. The batch
 * with the highest ordinal knows its position.
 */
export function createPositions(): Positions {
  const known = new Map<string, Bookmark>();
  let ordinal = 0;

  function set(key: string, bookmark: Bookmark): void {
    const before = known.get(key);
    if (before && before[1] > bookmark[1]) return;
    known.set(key, bookmark);
  }

  return {
    get: (key) => known.get(key)?.[0] ?? undefined,
    keys: () => [...known].flatMap(([key, [position]]) => (position === null ? [] : [key])),
    forget(key) {
      // Behind every batch that has a number, and before the one that makes this durable.
      known.set(key, [null, ordinal + 0.5]);
    },
    nextOrdinal: () => ++ordinal,
    adopt(bookmarks, lastOrdinal = 0) {
      ordinal = Math.max(ordinal, lastOrdinal);
      for (const [key, bookmark] of Object.entries(bookmarks)) {
        ordinal = Math.max(ordinal, bookmark[1]);
        set(key, bookmark);
      }
    },
    move({ bookmarks, ordinal: from }) {
      for (const [key, position] of Object.entries(bookmarks)) {
        set(key, [position, from]);
        // Nothing older can come any more: a key is marked in one stream at a time.
        if (position === null) known.delete(key);
      }
    },
  };
}

/**
 * Leaves of what several streams have saved the newest for each key, and of keys that were forgotten only those for
 * which a segment on disk (`firstOrdinal` and later) may still hold a position.
 */
export function pruneBookmarks(saved: readonly Record<string, Bookmark>[], firstOrdinal: number): void {
  const newest = new Map<string, number>();
  for (const bookmarks of saved) {
    for (const [key, [, from]] of Object.entries(bookmarks)) newest.set(key, Math.max(from, newest.get(key) ?? 0));
  }
  for (const bookmarks of saved) {
    for (const [key, [position, from]] of Object.entries(bookmarks)) {
      if (from < (newest.get(key) ?? 0) || (position === null && from < firstOrdinal)) delete bookmarks[key];
    }
  }
}
