/**
 * Why telemetry is not taken (`disk`: no space; `cap`: storage is at its byte cap; `backlog`: the journal holds all that
 * it may), or is taken but not stored (`storage`).
 */
export type Trouble = 'disk' | 'cap' | 'backlog' | 'storage';

export interface JournalTrouble {
  what: Trouble;
  sinceUnixMs: number;
}

/** Remembers since when something is wrong; held in memory, since a full disk takes no note. */
export function createTroubles(nowMs: () => number) {
  const since = new Map<Trouble, number>();
  return {
    set(what: Trouble, is: boolean): void {
      if (!is) since.delete(what);
      else if (!since.has(what)) since.set(what, nowMs());
    },
    list: (): JournalTrouble[] => [...since].map(([what, sinceUnixMs]) => ({ what, sinceUnixMs })),
  };
}
