import { mkdir, readdir, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { freeBytes } from '../../durable/free-space.ts';
import type { Log } from '../../logging/log.ts';
import type { Segment } from '../spool/segment.ts';
import { scanSegment } from '../spool/segment-scan.ts';
import { type RingCounters, readCounters, writeCounters } from './counters.ts';
import { listRing, type RingFile, ringPath } from './ring-file.ts';
import { thinSegment, wantedLogs } from './thin.ts';

/** What the ring holds now, and what it has left out since it was made. */
export interface RingStats extends RingCounters {
  bytes: number;
  files: number;
  /** Day of the oldest slice; undefined for an empty ring. */
  oldestDay: string | undefined;
}

/** What this node has gathered in the last days, although the collector has it: for the day on which it is gone. */
export interface Ring {
  /** Takes a segment that the collector has acknowledged, by renaming its file. When it cannot, the file is removed. */
  keep(segment: Segment): Promise<void>;
  /** Gives up its oldest files until so many bytes are free, or it is empty; resolves with what it gave up. */
  makeRoom(bytes: number): Promise<number>;
  stats(): RingStats;
  /** Waits for what is being thinned. */
  close(): Promise<void>;
}

export interface RingOptions {
  folder: string;
  /** Slices older than this go; 0 for no ring. */
  days: number;
  maxBytes: number;
  /** Below this much free space it takes nothing more. */
  minFreeBytes: number;
  /** Scopes, channels, units and file paths of which thinning leaves all, as globs. */
  keep: readonly string[];
}

const dayMs = 86_400_000;
/** Thinning reads and decodes: it may take a fifth of a processor, and a flood is then bounded by dropping. */
const restFactor = 4;

/**
 * Opens the ring. A segment costs a rename when it comes. Whole segments may take half of `maxBytes`; beyond it the oldest
 * are thinned in the background, or dropped when they come faster than that. Thinned ones have the rest, the oldest going
 * first. So a flood of small talk never costs the warnings of last week.
 */
export async function openRing(
  options: RingOptions,
  { log, nowMs, free = freeBytes }: { log: Log; nowMs(): number; free?(folder: string): Promise<number> },
): Promise<Ring> {
  const { folder } = options;
  const enabled = options.days > 0 && options.maxBytes > 0;
  const wholeCap = options.maxBytes / 2;
  const counters = readCounters(folder);
  const wanted = wantedLogs(options.keep);
  let files: RingFile[] = [];
  let thinning: Promise<void> | undefined;
  let rest: NodeJS.Timeout | undefined;
  let closed = false;

  const bytesOf = (which: (file: RingFile) => boolean): number =>
    files.reduce((sum, file) => sum + (which(file) ? file.bytes : 0), 0);
  const isWhole = (file: RingFile): boolean => !file.thin;
  const totalBytes = (): number => bytesOf(() => true);

  function save(): void {
    try {
      writeCounters(folder, counters);
    } catch (error) {
      log.warn({ err: error }, 'the ring cannot note what it dropped');
    }
  }

  async function drop(file: RingFile): Promise<void> {
    // At once: who thins it meanwhile must see that it is gone, or its records would count twice.
    const at = files.indexOf(file);
    if (at === -1) return;
    files.splice(at, 1);
    // Unreadable: then its records cannot be counted either.
    const name = `${file.key.slice(file.key.indexOf('-') + 1)}.segment`;
    const look = { acknowledged: 0, last: false, epoch: undefined };
    const scanned = await scanSegment(file.path, name, look).catch(() => undefined);
    counters.droppedFiles += 1;
    if (typeof scanned === 'object') counters.droppedRecords += scanned.segment.waitingRecords;
    await unlink(file.path).catch(() => undefined);
    await rmdir(dirname(file.path)).catch(() => undefined);
  }

  /** Days first, then bytes. */
  async function bound(): Promise<void> {
    const oldest = new Date(nowMs() - options.days * dayMs).toISOString().slice(0, 10);
    const before = counters.droppedFiles;
    for (let [file] = files; file && (!enabled || file.day < oldest); [file] = files) await drop(file);
    while (totalBytes() > options.maxBytes) {
      const file = bytesOf(isWhole) > wholeCap ? files.find(isWhole) : files[0];
      if (!file) break;
      await drop(file);
    }
    if (counters.droppedFiles !== before) save();
    thinSoon();
  }

  function thinSoon(): void {
    if (closed || thinning || rest || bytesOf(isWhole) <= wholeCap) return;
    const file = files.find(isWhole);
    if (!file) return;
    const startedMs = performance.now();
    thinning = thin(file)
      .catch(async (error: unknown) => {
        log.warn({ err: error, file: basename(file.path) }, 'a segment of the ring cannot be thinned; it is dropped');
        if (files.includes(file)) await drop(file);
      })
      .finally(() => {
        thinning = undefined;
        rest = setTimeout(
          () => {
            rest = undefined;
            thinSoon();
          },
          (performance.now() - startedMs) * restFactor,
        );
      });
  }

  async function thin(file: RingFile): Promise<void> {
    const target = file.path.replace(/\.whole$/, '.thin');
    const { bytes, droppedRecords } = await thinSegment(file.path, target, wanted);
    // The bounds may have dropped it meanwhile; then its thinned form is an orphan.
    const at = files.indexOf(file);
    if (at === -1) {
      if (bytes > 0) await rm(target, { force: true });
      return;
    }
    counters.thinnedRecords += droppedRecords;
    save();
    if (bytes > 0) files[at] = { ...file, path: target, thin: true, bytes };
    else files.splice(at, 1);
    await unlink(file.path).catch(() => undefined);
    await rmdir(dirname(file.path)).catch(() => undefined);
  }

  // One after the other: two that drop at once would count twice.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  };

  if (enabled) await mkdir(folder, { recursive: true, mode: 0o700 });
  files = await listRing(folder);
  await removePartials(folder);
  await inTurn(bound);

  return {
    keep: (segment) =>
      inTurn(async () => {
        const { path, day, key } = ringPath(folder, segment, false);
        try {
          if (!enabled || (await free(folder)) < options.minFreeBytes) throw new Error('no room in the ring');
          await mkdir(dirname(path), { recursive: true, mode: 0o700 });
          await rename(segment.path, path);
        } catch (error) {
          if (enabled) {
            counters.droppedFiles += 1;
            log.warn({ err: error, segment: basename(segment.path) }, 'the ring cannot keep a segment');
          }
          await unlink(segment.path).catch((cause: NodeJS.ErrnoException) => {
            if (cause.code !== 'ENOENT') throw cause;
          });
          return;
        }
        const file: RingFile = { path, day, key, stream: segment.stream, thin: false, bytes: segment.bytes };
        const at = files.findIndex((other) => other.key > key);
        files.splice(at === -1 ? files.length : at, 0, file);
        await bound();
      }),
    makeRoom: (bytes) =>
      inTurn(async () => {
        let freed = 0;
        for (let [file] = files; file && freed < bytes; [file] = files) {
          freed += file.bytes;
          await drop(file);
        }
        if (freed > 0) save();
        return freed;
      }),
    stats: () => ({ ...counters, bytes: totalBytes(), files: files.length, oldestDay: files[0]?.day }),
    async close() {
      closed = true;
      clearTimeout(rest);
      await turn;
      await thinning;
      clearTimeout(rest);
    },
  };
}

/** What a process that died while it thinned has left. */
async function removePartials(folder: string): Promise<void> {
  for (const day of await readdir(folder).catch(() => [])) {
    for (const name of await readdir(join(folder, day)).catch(() => [])) {
      if (name.endsWith('.partial')) await rm(join(folder, day, name), { force: true });
    }
  }
}
