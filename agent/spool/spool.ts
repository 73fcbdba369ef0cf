import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { freeBytes } from '../../durable/free-space.ts';
import type { Log } from '../../logging/log.ts';
import { type CheckpointState, openCheckpoint, type StreamCheckpoint } from './checkpoint.ts';
import { createQuarantine } from './quarantine.ts';
import { createReader, type StreamReader } from './reader.ts';
import { parseSegmentName, type Segment } from './segment.ts';
import { scanSegment } from './segment-scan.ts';
import { type Batch, reservationBlock, SpoolStream, type StreamOwner } from './stream.ts';

export interface SpoolOptions {
  /** Made 0700 when missing. */
  folder: string;
  streams: readonly string[];
  maxBytes: number;
  minFreeBytes: number;
  segmentBytes: number;
}

/** What a stream has waiting and what it has lost since the spool was made. */
export interface StreamStats {
  stream: string;
  bytes: number;
  waitingBatches: number;
  waitingRecords: number;
  acknowledgedSequence: number;
  droppedBatches: number;
  droppedRecords: number;
  damagedBatches: number;
  rejectedBatches: number;
  rejectedRecords: number;
}

export interface Spool {
  /** Random id of this spool folder; part of a batch's identity. */
  readonly epoch: string;
  /** Resolves with the batch's sequence after fdatasync. Waits while the disk is full; rejects only at close. */
  append(stream: string, batch: Batch): Promise<number>;
  /** Last durable position of a key, of this run or an earlier one. */
  position(stream: string, key: string): string | undefined;
  /** Forgets a key; durable with the next batch. */
  forget(stream: string, key: string): void;
  /** The one reader of a stream. */
  reader(stream: string): StreamReader;
  stats(): StreamStats[];
  /** Why nothing can be written at the moment; undefined when all is well. */
  blockedBy(): string | undefined;
  /** Writes what can be written, saves the checkpoint, releases every file. */
  close(): Promise<void>;
}

/** Kept for the spool whatever the free space, so that a node with a full disk can still say so. */
const workingBytes = 8 * 1024 * 1024;
const maxRetryMs = 2_000;

const freshState = (): StreamCheckpoint => ({
  reserved: 0,
  acknowledged: 0,
  droppedBatches: 0,
  droppedRecords: 0,
  damagedBatches: 0,
  rejectedBatches: 0,
  rejectedRecords: 0,
  bookmarks: {},
});

/**
 * Opens the spool: durable, bounded, numbered streams of batches between the sources and the collector.
 *
 * Survives kill -9 and power loss at any instant: appended batches are there, a torn tail is cut, no sequence is used
 * for two payloads. Beyond the byte cap or below the free-space floor whole segments are dropped, oldest first, and
 * their records counted. `onDrop` is told of each.
 */
export async function openSpool(
  options: SpoolOptions,
  {
    log,
    nowMs,
    onDrop = () => undefined,
    free = freeBytes,
  }: {
    log: Log;
    nowMs(): number;
    onDrop?(drop: { stream: string; batches: number; records: number; reason: string }): void;
    free?(folder: string): Promise<number>;
  },
): Promise<Spool> {
  const { folder } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const quarantine = createQuarantine(join(folder, 'quarantine'), log);
  const streams = new Map<string, SpoolStream>();
  let epoch = '';

  const compose = (): CheckpointState => ({
    epoch,
    streams: Object.fromEntries([...streams.values()].map((stream) => [stream.name, stream.state])),
  });
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
    log,
    nowMs,
    saveCheckpoint: () => checkpoint.save(),
    makeRoom,
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
    recovered() {
      log.info('the spool can be written again');
      blocked = undefined;
    },
  };

  const totalBytes = (): number => [...streams.values()].reduce((sum, stream) => sum + stream.bytes, 0);

  async function makeRoom(bytes: number, asking: SpoolStream): Promise<void> {
    let used = totalBytes();
    const floorCap = used + (await free(folder)) - options.minFreeBytes;
    const cap = Math.min(options.maxBytes, Math.max(floorCap, workingBytes));
    while (used + bytes > cap) {
      const oldest = oldestSegment(asking);
      if (oldest === undefined) return;
      await drop(oldest.stream, oldest.segment, floorCap < options.maxBytes ? 'free space' : 'byte cap');
      used = totalBytes();
    }
  }

  function oldestSegment(asking: SpoolStream): { stream: SpoolStream; segment: Segment } | undefined {
    let oldest: { stream: SpoolStream; segment: Segment } | undefined;
    for (const stream of streams.values()) {
      for (const segment of stream.segments) {
        if (segment.sending || (segment === stream.activeSegment && stream !== asking)) continue;
        if (!oldest || segment.createdUnixMs < oldest.segment.createdUnixMs) oldest = { stream, segment };
        break;
      }
    }
    return oldest;
  }

  async function drop(stream: SpoolStream, segment: Segment, reason: string): Promise<void> {
    const { waitingBatches: batches, waitingRecords: records } = segment;
    stream.state.droppedBatches += batches;
    stream.state.droppedRecords += records;
    segment.waitingBatches = 0;
    segment.waitingRecords = 0;
    segment.removed = true;
    await stream.remove(segment);
    if (batches === 0) return;
    log.warn({ stream: stream.name, batches, records, reason }, 'the spool dropped its oldest batches');
    onDrop({ stream: stream.name, batches, records, reason });
  }

  const segments = await recover();
  for (const name of options.streams) {
    const saved = state?.streams[name] ?? freshState();
    const own = segments.filter((segment) => segment.stream === name);
    const onDisk = own.reduce((highest, segment) => Math.max(highest, segment.lastSequence), 0);
    // An unclean stop leaves `reserved` ahead of what was used: the rest of the block is skipped, because a tail that
    // the disk lost may already be at the collector under those numbers.
    if (stale) saved.reserved += 2 * reservationBlock;
    const stream = new SpoolStream(name, saved, Math.max(saved.reserved, onDisk) + 1, owner);
    for (const segment of own) stream.adopt(segment);
    streams.set(name, stream);
  }
  await checkpoint.save();

  /** Reads what an earlier run left, cuts the torn tail of each stream. */
  async function recover(): Promise<Segment[]> {
    const names = (await readdir(folder)).filter((name) => parseSegmentName(name)).sort();
    const found: Segment[] = [];
    for (const [index, name] of names.entries()) {
      const path = join(folder, name);
      const stream = parseSegmentName(name)?.stream;
      const next = names[index + 1];
      const last = next === undefined || parseSegmentName(next)?.stream !== stream;
      const acknowledged = state?.streams[stream ?? '']?.acknowledged ?? 0;
      const scanned = await scanSegment(path, name, { acknowledged, last, epoch: state?.epoch });
      if (scanned === 'stillborn') {
        await unlink(path);
        continue;
      }
      if (scanned === undefined) {
        await mkdir(join(folder, 'quarantine'), { recursive: true, mode: 0o700 });
        await rename(path, join(folder, 'quarantine', name));
        log.error({ segment: name }, 'nothing in a spool segment is readable: it is kept in quarantine');
        const saved = state?.streams[stream ?? ''];
        if (saved) saved.damagedBatches += 1;
        continue;
      }
      const { segment, tornBytes } = scanned;
      if (tornBytes > 0) {
        log.warn({ segment: name, tornBytes }, 'cut the torn tail of a spool segment');
        await truncate(path, segment.bytes);
      }
      if (segment.lastSequence < segment.firstSequence) await unlink(path);
      else found.push(segment);
    }
    return found;
  }

  const stream = (name: string): SpoolStream => {
    const found = streams.get(name);
    if (found === undefined) throw new Error(`BUG: the spool has no stream ${name}`);
    return found;
  };

  const readers: StreamReader[] = [];
  return {
    epoch,
    append: (name, batch) => stream(name).append(batch),
    position: (name, key) => stream(name).durable.get(key),
    forget: (name, key) => stream(name).forget(key),
    reader(name) {
      const reader = createReader(stream(name), quarantine, log);
      readers.push(reader);
      return reader;
    },
    stats: () =>
      [...streams.values()].map(({ name, bytes, segments, state }) => ({
        stream: name,
        bytes,
        waitingBatches: segments.reduce((sum, segment) => sum + segment.waitingBatches, 0),
        waitingRecords: segments.reduce((sum, segment) => sum + segment.waitingRecords, 0),
        acknowledgedSequence: state.acknowledged,
        droppedBatches: state.droppedBatches,
        droppedRecords: state.droppedRecords,
        damagedBatches: state.damagedBatches,
        rejectedBatches: state.rejectedBatches,
        rejectedRecords: state.rejectedRecords,
      })),
    blockedBy: () => blocked,
    async close() {
      closing = true;
      for (const wake of wakeUps) wake();
      await Promise.all([...streams.values()].map((each) => each.close()));
      for (const reader of readers) await reader.close();
      try {
        // Nothing of the reserved block is skipped after a clean stop.
        for (const each of streams.values()) each.state.reserved = each.nextSequence - 1;
        for (const each of streams.values()) {
          for (const segment of [...each.segments]) if (segment.waitingBatches === 0) await each.remove(segment);
        }
        await checkpoint.save();
      } finally {
        await checkpoint.close();
      }
    },
  };
}
