/** An item was given up; what had come of it by then stays. */
export class ItemTimeout extends Error {
  override readonly name = 'TimeoutError';
  /** In words that fit behind how much had come: `in 300 s, the most that it may take`. */
  readonly how: string;

  constructor(message: string, how: string) {
    super(message);
    this.how = how;
  }
}

export interface ItemLimit {
  /** Aborts with an `ItemTimeout`. */
  readonly signal: AbortSignal;
  /** Something of the source has come. */
  progress(): void;
  close(): void;
}

export interface ItemLimitOptions {
  /** Without anything of the source; of a program that is run, all of its time. */
  patienceMs: number;
  /** All together, however steadily it comes. */
  mostMs: number;
  /** Whether what comes begins the patience anew. */
  byProgress: boolean;
}

/** Of the time that is left of a job, an item may take so much: a source that never ends leaves the rest to those after it. */
const shareOfJob = 2 / 3;

/**
 * The most that an item may take of a job: what the profile says, else a share of what is left, and all of it where none
 * follows; then never less than its patience.
 */
export function mostOfJob(item: {
  maxDuration: number | undefined;
  patienceMs: number;
  leftMs: number;
  isLast: boolean;
}): number {
  const { maxDuration, patienceMs, leftMs, isLast } = item;
  return Math.min(leftMs, maxDuration ?? Math.max(patienceMs, isLast ? leftMs : leftMs * shareOfJob));
}

const seconds = (ms: number): string => `${Number((ms / 1000).toFixed(1))} s`;

/** Begins to watch an item: a large source that goes on coming gets through, one that hangs is given up early. */
export function limitItem({ patienceMs, mostMs, byProgress }: ItemLimitOptions): ItemLimit {
  const abort = new AbortController();
  const quietMs = Math.min(patienceMs, mostMs);
  const giveUp = (message: string, how: string): void => {
    const said = byProgress ? message : 'took longer than its time limit';
    abort.abort(new ItemTimeout(said, how));
  };
  const most = `in ${seconds(mostMs)}, the most that it may take`;
  const mostTimer = setTimeout(giveUp, Math.ceil(mostMs), `not finished ${most}`, most);
  const quiet = `for ${seconds(quietMs)}`;
  const quietTimer = setTimeout(
    giveUp,
    Math.ceil(quietMs),
    `nothing came from it ${quiet}, so it was given up`,
    `and then nothing ${quiet}`,
  );
  return {
    signal: abort.signal,
    progress: () => {
      if (byProgress && !abort.signal.aborted) quietTimer.refresh();
    },
    close: () => {
      clearTimeout(mostTimer);
      clearTimeout(quietTimer);
    },
  };
}
