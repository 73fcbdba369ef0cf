import { randomUUID } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { freeBytes } from '../../durable/free-space.ts';
import type { Log } from '../../logging/log.ts';
import type { PriorityClass } from '../profile/priority.ts';
import { type CheckpointState, openCheckpoint, type StreamCheckpoint } from './checkpoint.ts';
import { createLanes, type Lanes, laneNames } from './lanes.ts';
import { createPositions, pruneBookmarks } from './positions.ts';
import { createQuarantine } from './quarantine.ts';
import { createReader, type StreamReader } from './reader.ts';
import { recoverSegments } from './recovery.ts';
import { createRoom, type Drop } from './room.ts';
import type { Segment } from './segment.ts';
import { type Batch, removeFile, reservationBlock, SpoolStream, type StreamOwner } from './stream.ts';
import { type StreamStats, statsOf } from './stream-stats.ts';

export interface SpoolOptions {
  /** Made 0700 when missing. */
  folder: string;
  /** Streams and the class of each: what is dropped last and what first. */
  streams: Readonly<Record<string, PriorityClass>>;
  /** A backlog of this size is passed by what is new; 4 MiB when absent. */
  lateBytes?: number;
  maxBytes: number;
  minFreeBytes: number;
  segmentBytes: number;
}

/** One numbered sequence, to be read by one reader. */
export interface Sequence {
  name: string;
  /** Changes with `useClass`. */
  readonly priority: PriorityClass;
  /** True while it only drains and what is new goes elsewhere. */
  isLate(): boolean;
}

export interface Spool {
  /** Random id of this spool folder; part of a batch's identity. */
  readonly epoch: string;
  /** Resolves with the batch's sequence after fdatasync. Waits while the disk is full; rejects only at close. */
  append(stream: string, batch: Batch): Promise<number>;
  /** Last durable position of a key, of this run or an earlier one. */
  position(key: string): string | undefined;
  /** Keys that have one. */
  keys(): string[];
  /** Forgets a key now; a batch that says so makes it durable. */
  forget(key: string): void;
  /** Makes a stream of another class from now on: what comes, and what waits. */
  useClass(stream: string, priority: PriorityClass): void;
  /** Names of the numbered sequences, each of which has one reader. */
  sequences(): Sequence[];
  reader(sequence: string): StreamReader;
  /** Lets go of the buffers of readers that have nothing to read. */
  giveBack(): void;
  stats(): StreamStats[];
  /** Why nothing can be written at the moment; undefined when all is well. */
  blockedBy(): string | undefined;
  /** Writes what can be written, saves the checkpoint, releases every file. */
  close(): Promise<void>;
}

const maxRetryMs = 2_000;

const freshState = (): StreamCheckpoint => ({
  reserved: 0,
  lastFilled: 0,
  acknowledged: 0,
  droppedBatches: 0,
  droppedRecords: 0,
  droppedBySource: {},
  damagedBatches: 0,
  rejectedBatches: 0,
  rejectedRecords: 0,
  bookmarks: {},
});

/**
 * Opens the spool: durable, bounded, numbered streams of batches between the sources and the collector.
 *
 * Survives kill -9 and power loss at any instant: appended batches are there, a torn tail is cut, no sequence is used
 * for two payloads. Beyond the byte cap or below the free-space floor whole segments are dropped: of the lowest class
 * that has any, oldest first; never of a class above that of the batch that needs the room. That batch waits then. What
 * is dropped is counted by source, and `onDrop` is told of it.
 */
export async function openSpool(
  options: SpoolOptions,
  {
    log,
    nowMs,
    onDrop = () => undefined,
    free = freeBytes,
    dispose = (segment) => removeFile(segment.path),
    yieldBytes = async () => 0,
  }: {
    log: Log;
    nowMs(): number;
    onDrop?(drop: Drop): void;
    free?(folder: string): Promise<number>;
    /** Takes the file of a segment away, of which the collector has every batch; it is removed when absent. */
    dispose?(segment: Segment): Promise<void>;
    /** Frees bytes on this disk that matter less than anything in the spool. */
    yieldBytes?(bytes: number): Promise<number>;
  },
): Promise<Spool> {
  const { folder } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const quarantine = createQuarantine(join(folder, 'quarantine'), log);
  const lanes = new Map<string, Lanes>();
  const streams = new Map<string, SpoolStream>();
  const classes = new Map<SpoolStream, PriorityClass>();
  const positions = createPositions();
  let epoch = '';

  const compose = (): CheckpointState => {
    const all = [...streams.values()];
    const firstOrdinals = all.flatMap(({ segments }) => segments.map(({ firstOrdinal }) => firstOrdinal));
    pruneBookmarks(
      all.map(({ state }) => state.bookmarks),
      Math.min(...firstOrdinals),
    );
    return { epoch, streams: Object.fromEntries(all.map((stream) => [stream.name, stream.state])) };
  };
  const { checkpoint, state, stale } = await openCheckpoint(join(folder, 'checkpoint'), compose);
  epoch = state?.epoch ?? randomUUID();

  let blocked: string | undefined;
  let closing = false;
  const wakeUps = new Set<() => void>();
  const owner: StreamOwner = {
    folder,
    epoch,
    // Several segments must fit under the cap, or dropping one would drop everything.
    segmentBytes: Math.min(options.segmentBytes, Math.floor(options.maxBytes / 8)),
    positions,
    log,
    nowMs,
    saveCheckpoint: () => checkpoint.save(),
    makeRoom: createRoom({ streams, classes, epoch, log, onDrop, free, yieldBytes }, options),
    dispose,
    syncFolder: async () => {
      // See syncFolder of durable/; not in the main thread here, since it happens with every segment.
      if (process.platform === 'win32') return;
      const handle = await open(folder, 'r');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
    async waitToRetry(failures, error) {
      if (blocked === undefined) log.error({ err: error }, 'cannot write to the spool; sources wait until it can be');
      blocked = error.message;
      if (closing) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, Math.min(maxRetryMs, 50 * 2 ** Math.min(failures, 10)));
      wakeUps.add(resolve);
      await promise;
      clearTimeout(timer);
      wakeUps.delete(resolve);
    },
    madeRoom() {
      for (const wake of wakeUps) wake();
    },
    recovered() {
      log.info('the spool can be written again');
      blocked = undefined;
    },
  };

  const segments = await recoverSegments(folder, state, log);
  for (const [name, priority] of Object.entries(options.streams)) {
    const [first, second] = laneNames(name);
    const pair = [openStream(first, priority), openStream(second, priority)] as const;
    lanes.set(name, createLanes(name, priority, pair, options.lateBytes));
  }
  await checkpoint.save();

  function openStream(name: string, priority: PriorityClass): SpoolStream {
    const saved = state?.streams[name] ?? freshState();
    const own = segments.filter((segment) => segment.stream === name);
    const onDisk = own.reduce((highest, segment) => Math.max(highest, segment.lastSequence), 0);
    // An unclean stop leaves `reserved` ahead of what was used: the rest of the block is skipped, because a tail that
    // the disk lost may already be at the collector under those numbers.
    if (stale) saved.reserved += 2 * reservationBlock;
    const stream = new SpoolStream(name, saved, Math.max(saved.reserved, onDisk) + 1, owner);
    for (const segment of own) stream.adopt(segment);
    streams.set(name, stream);
    classes.set(stream, priority);
    return stream;
  }

  const lane = (name: string): Lanes => {
    const found = lanes.get(name);
    if (found === undefined) throw new Error(`BUG: the spool has no stream ${name}`);
    return found;
  };
  const owners = [...lanes.values()].flatMap((each) => each.streams.map((stream) => ({ stream, lanes: each })));

  const readers: StreamReader[] = [];
  return {
    epoch,
    append: (name, batch) => lane(name).append(batch),
    position: (key) => positions.get(key),
    keys: () => positions.keys(),
    forget: (key) => positions.forget(key),
    useClass(name, priority) {
      const { streams: both, reclassify } = lane(name);
      reclassify(priority);
      for (const stream of both) classes.set(stream, priority);
    },
    sequences: () =>
      owners.map(({ stream, lanes: of }) => ({
        name: stream.name,
        get priority() {
          return of.priority;
        },
        isLate: () => of.isLate(stream),
      })),
    reader(name) {
      const owned = owners.find(({ stream }) => stream.name === name);
      if (owned === undefined) throw new Error(`BUG: the spool has no sequence ${name}`);
      const reader = createReader(owned.stream, quarantine, log, {
        onDelivered: owned.lanes.delivered,
        onQuarantined: (records, reason) =>
          onDrop({ stream: name, priority: owned.lanes.priority, batches: 1, records, sources: {}, reason }),
      });
      readers.push(reader);
      return reader;
    },
    giveBack() {
      for (const reader of readers) reader.giveBack();
    },
    stats: () => [...streams.values()].map((stream) => statsOf(stream, classes.get(stream) ?? 'normal')),
    blockedBy: () => blocked,
    async close() {
      closing = true;
      for (const wake of wakeUps) wake();
      await Promise.all([...lanes.values()].map((each) => each.close()));
      for (const reader of readers) await reader.close();
      try {
        // Nothing of the reserved block is skipped after a clean stop.
        for (const each of streams.values()) each.state.reserved = each.nextSequence - 1;
        for (const each of streams.values()) {
          for (const segment of [...each.segments])
            if (segment.waitingBatches === 0) await each.remove(segment, { delivered: true });
        }
        await checkpoint.save();
      } finally {
        await checkpoint.close();
      }
    },
  };
}
