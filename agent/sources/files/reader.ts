import { dirname } from 'node:path';
import type { Log } from '../../../logging/log.ts';
import type { FileQuestions } from '../../filesystems/file-questions.ts';
import { Unanswered } from '../../filesystems/unanswered.ts';
import type { LogPipeline } from '../source.ts';
import { forgetRead } from './alive.ts';
import type { ChunkEnd, ChunkResult } from './emit.ts';
import type { FollowedFile } from './followed-file.ts';
import { type Loss, lossInPresence } from './loss.ts';
import type { PackedRests } from './packed-rests.ts';
import { restKey } from './position.ts';
import type { Followed, Registry } from './registry.ts';
import { keptHandles, leaveRotatedAfterMs, type Scanner } from './scanner.ts';

/** Chunks of 64, 256 and 1024 KiB read equally fast (470 k lines per CPU-second); this one is about 5 ms of a turn. */
export const chunkBytes = 256 * 1024;
/** A rotated file that has not grown for this long is finished: its writer has gone over to the new one. */
const rotatedIdleMs = 5_000;
/** Handles of idle files are given back after this long, when there are many. */
const releaseAfterMs = 60_000;
/** Between two looks at an idle file, when the kernel tells of changes and when it does not. */
const longestPauseMs = { watched: 60_000, unwatched: 2_000 };
/** While nothing can be read the sizes of open files are looked at this seldom. */
const noteSizesEveryPolls = 4;
/** A read that takes longer hangs on a dead mount. */
const stalledAfterMs = 10_000;

export interface ReaderOptions {
  registry: Registry;
  scanner: Scanner;
  questions: FileQuestions;
  logs: LogPipeline;
  log: Log;
  pollEveryMs: number;
  /** At least a line over the limit, with the character behind it. */
  bufferBytes: number;
  emit(file: FollowedFile, chunk: Buffer, end: ChunkEnd): ChunkResult;
  isWatched(folder: string): boolean;
  onRecords(count: number): void;
  packed: PackedRests;
  onLoss(path: string, loss: Loss): void;
  /** A path leads somewhere else now. */
  onMoved(path: string): void;
  nowMs(): number;
}

/** Reads what has been added to followed files, a chunk each in turn: nobody waits for a flood in another file. */
export function createReader(options: ReaderOptions) {
  const { registry, scanner, questions, logs, log, nowMs, pollEveryMs } = options;
  const newBuffer = () => Buffer.allocUnsafeSlow(options.bufferBytes);
  let buffer = newBuffer();
  let stopped = false;

  /** Reads until nothing more is due. Waits for the pipeline between chunks. */
  async function readDue(): Promise<void> {
    let turn = takeDue();
    while (turn.length > 0) {
      const goOn = new Set<Followed>();
      for (const entry of turn) {
        if (stopped) return;
        if (await look(entry)) goOn.add(entry);
        await room();
      }
      for (const entry of takeDue()) goOn.add(entry);
      turn = [...goOn];
    }
  }

  /** Resolves when the pipeline takes more. Meanwhile sizes are noted: what is truncated now is counted then. */
  async function room(): Promise<void> {
    let isReady = false;
    const ready = logs.ready().then(() => {
      isReady = true;
    });
    while (!isReady && !stopped) {
      let timer: NodeJS.Timeout | undefined;
      const pause = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, noteSizesEveryPolls * pollEveryMs);
      });
      await Promise.race([ready, pause]);
      clearTimeout(timer);
      if (isReady) return;
      const asking = { signal: AbortSignal.timeout(stalledAfterMs), isFollowing: true };
      for (const { file, stalled } of registry.all()) {
        if (stalled) continue;
        await questions.ask(file.path, () => file.noteSize(), asking).catch(() => undefined);
      }
    }
  }

  function takeDue(): Followed[] {
    const now = nowMs();
    const due: Followed[] = [];
    for (const entry of registry.all()) {
      // Farther away than any pause: the clock was set back.
      const isDue = entry.nextLookMs <= now || entry.nextLookMs > now + longestPauseMs.watched;
      if (isDue && !entry.stalled) due.push(entry);
    }
    return due;
  }

  /** Looks once, unless it takes too long; true when there is more to read right now. */
  async function look(entry: Followed): Promise<boolean> {
    const using = buffer;
    // One look takes one thread at a time.
    const ask = () => lookOnce(entry, using);
    const looking = questions.ask(entry.file.path, ask, { isFollowing: true }).catch((error: Error) => {
      // Nothing was asked: later again.
      if (!(error instanceof Unanswered))
        log.warn({ path: entry.file.path, err: error }, 'cannot read a followed file');
      rest(entry);
      return false;
    });
    let timer: NodeJS.Timeout | undefined;
    const stall = new Promise<'stalled'>((resolve) => {
      timer = setTimeout(() => resolve('stalled'), stalledAfterMs);
    });
    const result = await Promise.race([looking, stall]);
    clearTimeout(timer);
    if (result !== 'stalled') return result;
    log.warn({ path: entry.file.path }, 'reading a followed file hangs');
    entry.stalled = true;
    // The hanging read may still write into the buffer it was given.
    buffer = newBuffer();
    void looking.then(() => {
      entry.stalled = false;
    });
    return false;
  }

  async function lookOnce(entry: Followed, into: Buffer): Promise<boolean> {
    const { file } = entry;
    // It may have waited for its turn.
    if (isLeft(entry)) return false;
    const found = await file.look(into);
    if (isLeft(entry)) return false;
    const now = nowMs();
    entry.lastLookMs = now;
    if (found.kind === 'data') {
      emitChunk(entry, into.subarray(0, found.length), 'more');
      entry.pauseMs = pollEveryMs;
      entry.nextLookMs = now + pollEveryMs;
      return found.more;
    }
    if (found.kind === 'replaced') {
      await replaced(file, found.unreadBytes);
      entry.nextLookMs = nowMs();
      return true;
    }
    if (found.kind === 'moved') {
      const path = file.path;
      await scanner.leave(entry);
      options.onMoved(path);
      return false;
    }
    file.lastGrowthMs = Math.min(file.lastGrowthMs, now);
    const idleMs = now - file.lastGrowthMs;
    if (entry.flushAfterMs !== undefined && idleMs >= entry.flushAfterMs) await flush(entry, into);
    if (found.links === 0 || (file.rotated && idleMs >= rotatedIdleMs)) {
      await finish(entry, into, found.links === 0, idleMs);
    } else if (idleMs >= releaseAfterMs && registry.size() > keptHandles) await file.release();
    rest(entry);
    return false;
  }

  /** A read that hung comes back when another instance of the source may read this file already. */
  const isLeft = (entry: Followed): boolean => stopped || registry.get(entry.file.key) !== entry;

  function rest(entry: Followed): void {
    const { file } = entry;
    const longest = options.isWatched(dirname(file.path)) ? longestPauseMs.watched : longestPauseMs.unwatched;
    entry.pauseMs = Math.min(entry.pauseMs * 2, file.rotated ? rotatedIdleMs : longest, entry.flushAfterMs ?? longest);
    entry.nextLookMs = nowMs() + entry.pauseMs;
  }

  /** In one turn: the records and the position that covers them. */
  function emitChunk(entry: Followed, chunk: Buffer, end: ChunkEnd): void {
    const { file } = entry;
    const { records, consumed, flushAfterMs } = options.emit(file, chunk, end);
    entry.flushAfterMs = flushAfterMs;
    if (records === 0 && consumed === 0) return;
    const { position, lastSize } = file;
    logs.mark(file.key, JSON.stringify(lastSize > position.offset ? { ...position, seen: lastSize } : position));
    options.onRecords(records);
  }

  /** Hands out whole lines that waited for more. */
  async function flush(entry: Followed, into: Buffer): Promise<void> {
    const rest = await entry.file.lookAgain(into);
    if (isLeft(entry)) return;
    // What has come meanwhile is no longer quiet.
    if (rest.kind === 'data') emitChunk(entry, into.subarray(0, rest.length), rest.more ? 'more' : 'flush');
  }

  /** Ends a file that nobody adds to any more: what has no line end is its last line. */
  async function finish(entry: Followed, into: Buffer, deleted: boolean, idleMs: number): Promise<void> {
    const { file } = entry;
    const rest = await file.lookAgain(into);
    if (isLeft(entry)) return;
    if (rest.kind === 'data') {
      emitChunk(entry, into.subarray(0, rest.length), rest.more ? 'more' : 'final');
      if (rest.more) return;
    }
    if (deleted) forgetRead(logs, file.key, nowMs());
    if (!deleted && idleMs < leaveRotatedAfterMs) return;
    if (!deleted) logs.mark(file.key, JSON.stringify({ ...file.position, finished: true }));
    await file.release();
    registry.drop(entry);
  }

  /** Content was truncated or rewritten in place: what a copy beside it still holds is read there. */
  async function replaced(file: FollowedFile, unreadBytes: number): Promise<void> {
    const old = file.position;
    const copy = await scanner.followCopy(old, file.head);
    // In the turn in which the copy was marked: a crash must not separate the two.
    // Written between copy and truncation, and not read.
    const missing = old.offset + unreadBytes - Math.max(copy?.size ?? 0, old.offset);
    if (!copy) options.packed.takeUp(restKey(old), old, lossInPresence(unreadBytes));
    else if (missing > 0) options.onLoss(old.path, lossInPresence(missing));
    const restarting = file.restart();
    logs.mark(file.key, JSON.stringify(file.position));
    await restarting;
  }

  return {
    readDue,
    /** Unix milliseconds at which the next file is due; undefined when there is none. */
    nextDueMs(): number | undefined {
      let next: number | undefined;
      for (const { nextLookMs, stalled } of registry.all()) {
        if (!stalled && (next === undefined || nextLookMs < next)) next = nextLookMs;
      }
      return next;
    },
    /** Something was written to this path. A busy writer is looked at ten times a second at most. */
    hint(path: string): boolean {
      const entry = registry.at(path);
      if (!entry) return false;
      entry.pauseMs = pollEveryMs;
      const soonMs = Math.min(entry.lastLookMs, nowMs()) + Math.min(pollEveryMs, 100);
      entry.nextLookMs = Math.min(entry.nextLookMs, soonMs);
      return true;
    },
    stop(): void {
      stopped = true;
    },
  };
}
export type Reader = ReturnType<typeof createReader>;
