/** How long each source of a bundle takes. */
export interface SourceClock {
  /** It waits, or waits again: its node has begun anew. */
  waits(source: string): void;
  /** It is under way, since so many milliseconds where its node tells that. */
  runs(source: string, toldMs?: number): void;
  /** Stands still from now on. */
  ended(source: string, toldMs?: number): void;
  /** Nothing goes on any more. */
  stop(): void;
  /** Since it began, until now or its end; null when it has not begun, or nobody saw it begin. */
  elapsedMs(source: string): number | null;
}

export function createSourceClock(nowMs: () => number): SourceClock {
  const began = new Map<string, number>();
  const tookMs = new Map<string, number>();
  let stoppedMs: number | undefined;
  const sinceBegan = (source: string): number | undefined => {
    const beganMs = began.get(source);
    return beganMs === undefined ? undefined : Math.max(0, (stoppedMs ?? nowMs()) - beganMs);
  };
  return {
    waits: (source) => {
      began.delete(source);
      tookMs.delete(source);
    },
    runs: (source, toldMs = 0) => {
      // What a node tells again after it was away is older than what is known.
      began.set(source, Math.min(began.get(source) ?? Number.POSITIVE_INFINITY, nowMs() - toldMs));
      tookMs.delete(source);
    },
    ended: (source, toldMs) => {
      const took = toldMs ?? tookMs.get(source) ?? sinceBegan(source);
      if (took !== undefined) tookMs.set(source, took);
    },
    stop: () => {
      stoppedMs ??= nowMs();
    },
    elapsedMs: (source) => tookMs.get(source) ?? sinceBegan(source) ?? null,
  };
}
