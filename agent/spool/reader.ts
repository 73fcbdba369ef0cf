import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { Log } from '../../logging/log.ts';
import { decodeFrameHeader, type FrameHeader, frameBytes, frameHeaderBytes, maxFrameBytes } from './frame.ts';
import type { Quarantine } from './quarantine.ts';
import type { Segment } from './segment.ts';
import { findFrame, readAt } from './segment-scan.ts';
import type { SpoolStream } from './stream.ts';

/** One batch as it waits to be sent. */
export interface SpooledBatch {
  readonly stream: string;
  readonly epoch: string;
  readonly sequence: number;
  /** So many numbers right before this one were given to no batch with records. */
  readonly emptyBefore: number;
  readonly records: number;
  /** Valid until the next call of `next`: one buffer serves all batches of a reader. */
  readonly payload: Buffer;
  readonly crc32: number;
  readonly segment: Segment;
}

/**
 * The reading half of a stream: hands out one batch at a time, in order, each until it is acknowledged or rejected.
 */
export interface StreamReader {
  readonly stream: string;
  /** Waits for the next batch; undefined when reader or spool is closed. Damaged batches are passed over. */
  next(): Promise<SpooledBatch | undefined>;
  /** Marks the batch as being on the wire until the returned function is called: meanwhile the cap cannot drop it. */
  sending(batch: SpooledBatch): () => void;
  /** The cap has dropped this batch, and counted it, while it was not on the wire. */
  isDropped(batch: SpooledBatch): boolean;
  /** The collector has it on disk. */
  acknowledge(batch: SpooledBatch): void;
  /** The collector will never take it: it moves to quarantine and the stream goes on. */
  reject(batch: SpooledBatch, reason: string): Promise<void>;
  /** Lets go of the buffer of batches while there is none. */
  giveBack(): void;
  close(): Promise<void>;
}

const none = Buffer.alloc(0);
const readBufferStep = 64 * 1024;
/** An idle stream gives back what a large batch made it take. */
const keptReadBytes = 256 * 1024;

export function createReader(
  stream: SpoolStream,
  quarantine: Quarantine,
  log: Log,
  {
    onDelivered = () => undefined,
    onQuarantined = () => undefined,
  }: {
    onDelivered?(): void;
    /** A batch will never be delivered; `records` is 0 when its header is damaged too. */
    onQuarantined?(records: number, reason: string): void;
  } = {},
): StreamReader {
  let file: FileHandle | undefined;
  let at: { segment: Segment; offset: number } | undefined;
  let closed = false;
  /** Read to the end; its file could not be removed yet. */
  const finished = new Set<Segment>();
  let readBuffer = none;
  /** Nobody has a batch of this reader, and none waits. */
  let isIdle = false;
  let changes = 0;
  let wake = (): void => undefined;
  const unwatch = stream.watch(() => {
    changes += 1;
    wake();
  });

  async function leave(segment: Segment): Promise<void> {
    await file?.close();
    file = undefined;
    at = undefined;
    finished.add(segment);
    if (segment.waitingBatches > 0) {
      // Counted when written or scanned, but no longer to be found in the file.
      stream.state.damagedBatches += segment.waitingBatches;
      segment.waitingBatches = 0;
      segment.waitingRecords = 0;
      segment.waitingBytes = 0;
    }
    stream.state.acknowledged = Math.max(stream.state.acknowledged, segment.lastSequence);
    for (const done of finished) {
      try {
        await stream.remove(done, { delivered: true });
        finished.delete(done);
      } catch (error) {
        log.warn({ err: error, segment: done.path }, 'cannot remove a sent spool segment yet');
        return;
      }
    }
  }

  async function step(): Promise<SpooledBatch | 'again' | 'end'> {
    if (at?.segment.removed) {
      await file?.close();
      file = undefined;
      at = undefined;
    }
    if (at === undefined) {
      const segment = stream.segments.find((candidate) => !candidate.removed && !finished.has(candidate));
      if (segment === undefined) return 'end';
      at = { segment, offset: segment.firstFrameAt };
    }
    const { segment, offset } = at;
    if (offset >= segment.bytes) {
      if (!segment.sealed) return 'end';
      await leave(segment);
      return 'again';
    }
    try {
      file ??= await open(segment.path, 'r');
      return await readFrame(file, segment, offset);
    } catch (error) {
      if (segment.removed) return 'again';
      throw error;
    }
  }

  async function readFrame(from: FileHandle, segment: Segment, offset: number): Promise<SpooledBatch | 'again'> {
    const end = segment.bytes;
    const move = (to: number): 'again' => {
      if (at?.segment === segment) at = { segment, offset: to };
      return 'again';
    };
    const header = decodeFrameHeader(await readAt(from, offset, Math.min(frameHeaderBytes, end - offset)));
    if (header === undefined || frameBytes(header) > maxFrameBytes || offset + frameBytes(header) > end) {
      const next = await findFrame(from, offset + 1, end);
      const until = next?.at ?? end;
      const bytes = await readAt(from, offset, Math.min(until - offset, maxFrameBytes));
      await damaged(segment, undefined, bytes, offset);
      return move(until);
    }
    const after = offset + frameBytes(header);
    if (header.sequence <= stream.state.acknowledged) return move(after);
    if (header.payloadBytes > readBuffer.length) {
      readBuffer = Buffer.allocUnsafeSlow(Math.ceil(header.payloadBytes / readBufferStep) * readBufferStep);
    } else if (readBuffer.length > keptReadBytes && header.payloadBytes < keptReadBytes) {
      readBuffer = Buffer.allocUnsafeSlow(keptReadBytes);
    }
    const payloadAt = offset + frameHeaderBytes + header.notesBytes;
    const payload = await readAt(from, payloadAt, header.payloadBytes, readBuffer);
    if (payload.length !== header.payloadBytes || crc32(payload) !== header.payloadCrc32) {
      await damaged(segment, header, payload, offset);
      return move(after);
    }
    move(after);
    if (header.payloadBytes === 0) {
      account(segment, header.records, 0);
      stream.state.acknowledged = header.sequence;
      return 'again';
    }
    return {
      stream: stream.name,
      epoch: segment.epoch,
      sequence: header.sequence,
      emptyBefore: header.emptyBefore,
      records: header.records,
      payload,
      crc32: header.payloadCrc32,
      segment,
    };
  }

  function account(segment: Segment, records: number, bytes: number): void {
    segment.waitingBatches = Math.max(0, segment.waitingBatches - 1);
    segment.waitingRecords = Math.max(0, segment.waitingRecords - records);
    segment.waitingBytes = Math.max(0, segment.waitingBytes - bytes);
    segment.partlyAcknowledged = true;
  }

  async function damaged(
    segment: Segment,
    header: FrameHeader | undefined,
    bytes: Buffer,
    offset: number,
  ): Promise<void> {
    stream.state.damagedBatches += 1;
    if (header) {
      account(segment, header.records, header.payloadBytes);
      stream.state.acknowledged = Math.max(stream.state.acknowledged, header.sequence);
    } else {
      segment.waitingBatches = Math.max(0, segment.waitingBatches - 1);
    }
    log.error(
      { segment: segment.path, offset, bytes: bytes.length, sequence: header?.sequence, records: header?.records },
      'a spooled batch is damaged: it is kept in quarantine and the stream goes on',
    );
    onQuarantined(header?.records ?? 0, 'damaged on disk; kept in quarantine');
    await quarantine.put(`${stream.name}-${header?.sequence ?? `at-${segment.firstSequence}-${offset}`}`, bytes, {
      reason: 'damaged on disk',
      stream: stream.name,
      epoch: segment.epoch,
      ...(header && { sequence: header.sequence, records: header.records }),
    });
  }

  function settle(batch: SpooledBatch): void {
    account(batch.segment, batch.records, batch.payload.length);
    stream.state.acknowledged = Math.max(stream.state.acknowledged, batch.sequence);
  }

  return {
    stream: stream.name,
    async next() {
      while (!closed && !stream.closed) {
        const before = changes;
        const found = await step();
        if (found === 'again') continue;
        if (found !== 'end') return found;
        if (changes !== before) continue;
        isIdle = true;
        await new Promise<void>((resolve) => (wake = resolve));
        isIdle = false;
      }
      return undefined;
    },
    sending(batch) {
      batch.segment.sending = true;
      return () => {
        batch.segment.sending = false;
      };
    },
    isDropped: (batch) => batch.segment.removed,
    acknowledge(batch) {
      settle(batch);
      onDelivered();
    },
    async reject(batch, reason) {
      await quarantine.put(`${stream.name}-${batch.sequence}`, batch.payload, {
        reason,
        stream: batch.stream,
        epoch: batch.epoch,
        sequence: batch.sequence,
        records: batch.records,
      });
      stream.state.rejectedBatches += 1;
      stream.state.rejectedRecords += batch.records;
      onQuarantined(batch.records, 'refused by the collector; kept in quarantine');
      settle(batch);
    },
    giveBack() {
      if (isIdle) readBuffer = none;
    },
    async close() {
      closed = true;
      wake();
      unwatch();
      await file?.close();
      file = undefined;
    },
  };
}
