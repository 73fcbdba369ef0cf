import { statSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import type { Log } from '../../logging/log.ts';
import type { StreamCheckpoint } from './checkpoint.ts';
import { type Bookmarks, encodeFrameStart, type FrameNotes, type SourceCounts } from './frame.ts';
import type { Positions } from './positions.ts';
import type { MakeRoom } from './room.ts';
import { noteFrame, type Segment } from './segment.ts';
import { SegmentWriter } from './segment-writer.ts';
import { createWaitingTimes } from './waiting-times.ts';

/** One batch to be made durable. */
export interface Batch {
  /** OTLP export request; empty when only bookmarks move. */
  payload: Uint8Array;
  records: number;
  bookmarks?: Bookmarks;
  /** Records by source, so that a drop can say whose they were. */
  sources?: SourceCounts;
}

/** What a stream needs of the spool that owns it. */
export interface StreamOwner {
  folder: string;
  epoch: string;
  segmentBytes: number;
  positions: Positions;
  log: Log;
  nowMs(): number;
  /** Saves the checkpoint; resolves after fdatasync. */
  saveCheckpoint(): Promise<void>;
  /** Drops the oldest if that is what it takes. */
  makeRoom: MakeRoom;
  /** Makes names of new and removed files durable. */
  syncFolder(): Promise<void>;
  /** Resolves when a failed write may be tried again. */
  waitToRetry(failures: number, error: Error): Promise<void>;
  recovered(): void;
  /** Takes the file of a segment away, of which the collector has every batch. */
  dispose(segment: Segment): Promise<void>;
  /** A segment is gone: what waits for room may be tried again. */
  madeRoom(): void;
}

interface Pending {
  payload: Uint8Array;
  records: number;
  notes: FrameNotes;
  sequence: number;
  parts: Uint8Array[];
  bytes: number;
  resolve(sequence: number): void;
  reject(error: Error): void;
}

/** Sequences are reserved this many at a time, so that a checkpoint is written once per block and not per batch. */
export const reservationBlock = 256;
/** As many as a frame can tell. */
const maxEmptyBefore = 0xffff_ffff;

/**
 * The writing half of one numbered sequence of batches, and the list of its segments.
 *
 * Promises: `append` resolves after fdatasync of the batch; batches lie on disk in the order of their sequences; a
 * sequence that was ever visible to a reader is never given to another batch, whatever happens to process or disk.
 */
export class SpoolStream {
  readonly name: string;
  /** Oldest first; the last one may be open for writing. */
  readonly segments: Segment[] = [];
  readonly state: StreamCheckpoint;
  nextSequence: number;
  closed = false;
  /** Number that the last batch with records was given, on disk or not yet. */
  #lastFilled: number;
  readonly #owner: StreamOwner;
  readonly #came = createWaitingTimes();
  #queue: Pending[] = [];
  readonly #writer: SegmentWriter;
  #committing: Promise<void> | undefined;
  #watchers = new Set<() => void>();

  constructor(name: string, state: StreamCheckpoint, nextSequence: number, owner: StreamOwner) {
    this.name = name;
    this.state = state;
    this.nextSequence = nextSequence;
    this.#lastFilled = state.lastFilled;
    this.#owner = owner;
    this.#writer = new SegmentWriter(name, this.segments, owner);
    owner.positions.adopt(state.bookmarks);
  }

  /** Takes over a segment of an earlier run; call in order. */
  adopt(segment: Segment): void {
    this.segments.push(segment);
    this.#came.came(segment.lastSequence, writtenUnixMs(segment.path) ?? this.#owner.nowMs());
    this.#owner.positions.adopt(segment.bookmarks, segment.lastOrdinal);
    this.state.lastFilled = Math.max(this.state.lastFilled, segment.lastFilled);
    this.#lastFilled = this.state.lastFilled;
  }

  get bytes(): number {
    let sum = 0;
    for (const segment of this.segments) sum += segment.bytes;
    return sum;
  }

  get waitingBatches(): number {
    let sum = 0;
    for (const segment of this.segments) sum += segment.waitingBatches;
    return sum;
  }

  /** When the oldest batch that waits came, to the second; of an earlier run, when its segment was last written. */
  get oldestWaitingUnixMs(): number | undefined {
    const oldest = this.#came.oldestAfter(this.state.acknowledged);
    return this.waitingBatches > 0 ? oldest : undefined;
  }

  /** Payload bytes of what waits. */
  get waitingBytes(): number {
    let sum = 0;
    for (const segment of this.segments) sum += segment.waitingBytes;
    return sum;
  }

  /** Resolves when everything that was appended so far is durable, or never will be. */
  async settled(): Promise<void> {
    while (this.#committing) await this.#committing;
  }

  /** Numbers the batch and resolves with its sequence when it is on disk. Rejects only when the spool is closed. */
  append(batch: Batch): Promise<number> {
    if (this.closed) return Promise.reject(new Error(`the spool stream ${this.name} is closed`));
    const sequence = this.nextSequence++;
    const notes: FrameNotes = {
      ordinal: this.#owner.positions.nextOrdinal(),
      bookmarks: batch.bookmarks ?? {},
      sources: batch.sources ?? {},
    };
    const emptyBefore = Math.min(sequence - 1 - this.#lastFilled, maxEmptyBefore);
    if (batch.records > 0) this.#lastFilled = sequence;
    const start = encodeFrameStart({ sequence, emptyBefore, records: batch.records }, batch.payload, notes);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#queue.push({
      payload: batch.payload,
      records: batch.records,
      notes,
      sequence,
      parts: [start.header, start.notes, batch.payload],
      bytes: start.header.length + start.notes.length + batch.payload.length,
      resolve,
      reject,
    });
    this.#commit();
    return promise;
  }

  /** Calls back after every commit and at close, until the returned function is called. */
  watch(callback: () => void): () => void {
    this.#watchers.add(callback);
    return () => this.#watchers.delete(callback);
  }

  notify(): void {
    for (const watcher of this.#watchers) watcher();
  }

  /** The segment that is being written, which nobody else may seal or drop. */
  get activeSegment(): Segment | undefined {
    return this.#writer.segment;
  }

  /** Ends the segment that is being written. Only from inside a commit, or when none is under way. */
  seal(): Promise<void> {
    return this.#writer.seal();
  }

  /**
   * Takes a segment off the list and its file away, to the ring when it was delivered. Its bookmarks and the stream's counters are saved first, so that
   * nothing is read again and no number is used again.
   */
  async remove(segment: Segment, options: { delivered: boolean }): Promise<void> {
    const index = this.segments.indexOf(segment);
    if (index < 0) return;
    if (this.activeSegment === segment) await this.seal();
    for (const [key, bookmark] of Object.entries(segment.bookmarks)) {
      const saved = this.state.bookmarks[key];
      if (!saved || saved[1] < bookmark[1]) this.state.bookmarks[key] = bookmark;
    }
    await this.#owner.saveCheckpoint();
    if (options.delivered) await this.#owner.dispose(segment);
    else await removeFile(segment.path);
    segment.removed = true;
    this.#owner.madeRoom();
    const at = this.segments.indexOf(segment);
    if (at >= 0) this.segments.splice(at, 1);
    this.notify();
  }

  /** Stops taking batches; waits for the commit under way, rejects what could not be written. */
  async close(): Promise<void> {
    this.closed = true;
    // A batch that came while one commit was ending is written by the next.
    while (this.#committing) await this.#committing;
    await this.seal();
    this.notify();
  }

  #commit(): void {
    if (this.#committing) return;
    this.#committing = this.#commitAll().finally(() => {
      this.#committing = undefined;
      if (this.#queue.length > 0) this.#commit();
    });
  }

  async #commitAll(): Promise<void> {
    let failures = 0;
    while (this.#queue.length > 0) {
      try {
        await this.#commitGroup(failures);
        if (failures > 0) this.#owner.recovered();
        failures = 0;
      } catch (error) {
        failures += 1;
        await this.#writer.abandon();
        if (this.closed) {
          for (const pending of this.#queue.splice(0)) pending.reject(error as Error);
          return;
        }
        await this.#owner.waitToRetry(failures, error as Error);
      }
    }
  }

  /** Writes and fsyncs up to a segment's worth together; after a failure one batch, which fits where many do not. */
  async #commitGroup(failures: number): Promise<void> {
    const group: Pending[] = [];
    let bytes = 0;
    const limit = failures > 0 ? 0 : this.#owner.segmentBytes;
    for (const pending of this.#queue) {
      if (group.length > 0 && bytes + pending.bytes > limit) break;
      group.push(pending);
      bytes += pending.bytes;
    }
    const first = group[0];
    const last = group.at(-1);
    if (first === undefined || last === undefined) return;
    if (last.sequence > this.state.reserved) {
      const before = this.state.reserved;
      this.state.reserved = last.sequence + reservationBlock;
      try {
        await this.#owner.saveCheckpoint();
      } catch (error) {
        this.state.reserved = before;
        throw error;
      }
    }
    const nowMs = this.#owner.nowMs();
    const isWritten = await this.#owner.makeRoom(bytes, this);
    try {
      const parts = group.flatMap((pending) => pending.parts);
      const segment = await this.#writer.append(parts, bytes, first.sequence);
      for (const pending of group) {
        segment.waitingBatches += 1;
        segment.waitingRecords += pending.records;
        segment.waitingBytes += pending.payload.length;
        if (pending.records > 0) segment.lastFilled = this.state.lastFilled = pending.sequence;
        noteFrame(segment, pending.notes, true);
        this.#owner.positions.move(pending.notes);
        this.#came.came(pending.sequence, nowMs);
      }
      segment.bytes += bytes;
      segment.lastSequence = last.sequence;
    } finally {
      isWritten();
    }
    this.#queue.splice(0, group.length);
    for (const pending of group) pending.resolve(pending.sequence);
    this.notify();
  }
}

function writtenUnixMs(path: string): number | undefined {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return undefined;
  }
}

/** Removes a file; one that is gone already is as good. */
export async function removeFile(path: string): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
