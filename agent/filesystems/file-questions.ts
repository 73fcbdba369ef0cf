import { createRemoteMounts, type RemoteMounts } from './remote-mounts.ts';
import { allThreadsHeld, unansweredSince } from './unanswered.ts';

interface AskOptions {
  /** Gives the question up: rejects with its reason. The thread stays held until the answer comes. */
  signal?: AbortSignal;
  /** Gives it up by itself when it is overdue: rejects with `Unanswered`. */
  givesUp?: boolean;
  /** Waits its turn however long that takes, and is never refused. */
  inLine?: boolean;
  /** By what follows files: it may have the threads that are kept for it. */
  isFollowing?: boolean;
  /** How full a filesystem is, which is asked of every mount all the time: by threads of its own, and by no others. */
  isSpace?: boolean;
}

/**
 * Questions to filesystems that may never be answered: open, read, stat, a folder's names. Each holds one of libuv's threads
 * until the answer comes, and nothing can take it back. There is one of these in a process, since there is one pool.
 */
export interface FileQuestions {
  /**
   * Asks a question that takes one thread at a time. At most one is open for a remote filesystem, or for a path (or glob) on a local
   * one; those behind it wait. Rejects with `Unanswered`, without asking, once the one that is open is overdue, and when all
   * threads are held by overdue ones.
   */
  ask<Answer>(path: string, question: () => Promise<Answer>, options?: AskOptions): Promise<Answer>;
  mounts: RemoteMounts;
  /** What has an overdue question, and since when it is open (Unix milliseconds). */
  unanswered(): { what: string; sinceUnixMs: number }[];
}

export interface FileQuestionsOptions {
  /** Questions that may be open at once. */
  most: number;
  /** Of them, for what follows files alone. */
  keptForFollowing?: number;
  overdueMs?: number;
  mounts?: RemoteMounts;
}

/** A disk that is asleep or busy answers by then; as others on its filesystem are only refused, nothing is lost by a mistake. */
const overdueMs = 5_000;
/** One that was given up sooner than this says nothing of its filesystem. */
const givenUpAfterMs = 900;
/** Not for these questions: two for the space of filesystems, two for spool, names of hosts and the rest. */
const otherThreads = 4;
const keptForFollowing = 2;
/** Dead mounts take two; a local filesystem is asked beside them, since it answers. */
const spaceThreads = { remote: 2, local: 3 };

/** The share of a pool of `threads` that the agent may spend on filesystems that do not answer. */
export function shareOfPool(threads: number): { most: number; keptForFollowing: number } {
  const most = Math.max(2, threads - otherThreads);
  return { most, keptForFollowing: Math.min(keptForFollowing, most - 1) };
}

/** The same for a command that follows no files and has no spool. */
export const shareOfCommand = (threads: number): { most: number } => ({ most: Math.max(1, threads - 2) });

interface Open {
  sinceUnixMs: number;
  sinceMs: number;
  isOverdue: boolean;
  isSpace: boolean;
}

interface Waiting {
  key: string;
  path: string;
  limit: number;
  isSpace: boolean;
  inLine: boolean;
  start(): void;
  refuse(reason: Error): void;
}

export function createFileQuestions(options: FileQuestionsOptions): FileQuestions {
  const { most, mounts = createRemoteMounts() } = options;
  const patienceMs = options.overdueMs ?? overdueMs;
  const open = new Map<string, Open>();
  const waiting = new Set<Waiting>();

  const overdue = (): [string, Open][] => [...open].filter(([, { isOverdue }]) => isOverdue);
  const isFull = ({ limit, isSpace }: Waiting): boolean =>
    open.size >= limit && [...open.values()].filter((one) => one.isSpace === isSpace).length >= limit;

  function refusal(one: Waiting): Error | undefined {
    const { key, path, limit, isSpace } = one;
    if (one.inLine) return undefined;
    const before = open.get(key);
    if (before?.isOverdue) return unansweredSince(key, before.sinceUnixMs);
    const silent = isFull(one) ? overdue().filter(([, other]) => other.isSpace === isSpace) : [];
    return silent.length >= limit
      ? allThreadsHeld(
          path,
          silent.map(([what]) => what),
        )
      : undefined;
  }

  /** Whoever waits is started, in order, or refused; the others go on waiting. */
  function settle(): void {
    for (const one of waiting) {
      const reason = refusal(one);
      if (!reason && (open.has(one.key) || isFull(one))) continue;
      waiting.delete(one);
      if (reason) one.refuse(reason);
      else one.start();
    }
  }

  function begin<Answer>(
    { key, isSpace }: Waiting,
    question: () => Promise<Answer>,
    signal: AbortSignal | undefined,
    onOverdue: ((sinceUnixMs: number) => void) | undefined,
  ): Promise<Answer> {
    const asked: Open = { sinceUnixMs: Date.now(), sinceMs: performance.now(), isOverdue: false, isSpace };
    open.set(key, asked);
    const late = (): void => {
      asked.isOverdue = true;
      onOverdue?.(asked.sinceUnixMs);
      settle();
    };
    const timer = setTimeout(late, patienceMs).unref();
    const giveUp = (): void => {
      if (performance.now() - asked.sinceMs >= givenUpAfterMs) late();
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    const answered = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      open.delete(key);
      settle();
    };
    const answer = question();
    answer.then(answered, answered);
    return answer;
  }

  return {
    mounts,
    unanswered: () => overdue().map(([what, { sinceUnixMs }]) => ({ what, sinceUnixMs })),
    ask<Answer>(path: string, question: () => Promise<Answer>, asking: AskOptions = {}): Promise<Answer> {
      const { signal, inLine = false, isFollowing = false, isSpace = false, givesUp = false } = asking;
      if (signal?.aborted) return Promise.reject(signal.reason);
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      const mount = mounts.of(path);
      const key = mount ?? path;
      const shared = isFollowing ? most : most - (options.keptForFollowing ?? 0);
      const giveUp = (sinceUnixMs: number): void => reject(unansweredSince(key, sinceUnixMs));
      const one: Waiting = {
        ...{ key, path, inLine, isSpace, refuse: reject },
        limit: isSpace ? spaceThreads[mount === undefined ? 'local' : 'remote'] : shared,
        start: () => void begin(one, question, signal, givesUp ? giveUp : undefined).then(resolve, reject),
      };
      const onAbort = (): void => {
        waiting.delete(one);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      waiting.add(one);
      settle();
      return signal ? promise.finally(() => signal.removeEventListener('abort', onAbort)) : promise;
    },
  };
}
