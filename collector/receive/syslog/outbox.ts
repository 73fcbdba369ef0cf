import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { SextantError } from '../../../errors/sextant-error.ts';
import type { Log } from '../../../logging/log.ts';
import { ByteWriter } from '../../../protocol/otlp/byte-writer.ts';
import { exportRequestHead } from '../../../protocol/otlp/export-request.ts';
import { createRecordEncoder, takeApart } from '../../../protocol/otlp/record-encoder.ts';
import type { Journal } from '../../journal/journal.ts';
import { walkRequest } from '../walk.ts';
import { whileItMoves } from './while-it-moves.ts';

/** What waits for the journal, by node, bounded in bytes. */
export interface Outbox {
  /** Takes a record whatever waits already; who can wait asks `ready` before. It is encoded at once. */
  add(node: string, record: ReadableLogRecord): void;
  /** Whether there is room. */
  ready(): boolean;
  /** Calls back once, in a later turn of the event loop that has room; one at a time may wait. */
  whenReady(callback: () => void): void;
  /** Makes what waits durable; what the journal takes too long for is given up, and counted with `onDropped`. */
  close(patience: { stillMs: number; atMostMs: number }): Promise<void>;
}

interface OutboxOptions {
  /** A batch is cut when its records are of this size. */
  maxBatchBytes: number;
  /** A batch is cut when its oldest record is this old. */
  maxAgeMs: number;
  /** Beyond this there is no room; memory that batches have taken counts, also where nothing is in it yet. */
  maxWaitingBytes: number;
  firstRetryMs: number;
  maxRetryMs: number;
}

interface Batch {
  /** `log_records` fields, one behind the other, after `headRoom` bytes for what stands before them in the request. */
  bytes: ByteWriter;
  count: number;
}

interface Lane {
  /** In their order; only the last one grows. None is much larger than a batch may be: reading it is one turn's work. */
  batches: Batch[];
  timer: NodeJS.Timeout | undefined;
  writing: Promise<void> | undefined;
}

const initialBatchBytes = 1024;

const defaults: OutboxOptions = {
  // The next record still fits the mebibyte of memory that it has by then.
  maxBatchBytes: 960 * 1024,
  maxAgeMs: 100,
  maxWaitingBytes: 32 * 1024 * 1024,
  firstRetryMs: 50,
  maxRetryMs: 2000,
};

/**
 * From log records to durable batches. Each node has one batch on its way to the journal at a time, while the next one
 * gathers. A journal that cannot take a batch is asked again until it can.
 */
export function createOutbox(
  capabilities: { journal: Pick<Journal, 'append'>; log: Log; onDropped: (node: string, records: number) => void },
  options: Partial<OutboxOptions> = {},
): Outbox {
  const { journal, log, onDropped } = capabilities;
  const { maxBatchBytes, maxAgeMs, maxWaitingBytes, firstRetryMs, maxRetryMs } = { ...defaults, ...options };
  const lanes = new Map<string, Lane>();
  let isClosing = false;
  /** Lanes that wait to ask the journal again. Not by a signal: one with ten thousand listeners takes seconds to wait for. */
  const sleepers = new Set<() => void>();
  let givenUp = false;
  const encode = createRecordEncoder();
  /** Of all records alike (log-record.ts). */
  let frame: { resourceField: Buffer; scopeField: Buffer; headRoom: number } | undefined;
  let waitingBytes = 0;
  let storedBatches = 0;
  let waiting: (() => void) | undefined;

  const ready = (): boolean => waitingBytes < maxWaitingBytes;

  async function store(node: string, { bytes, count }: Batch): Promise<void> {
    try {
      const request = finished(bytes);
      await appendUntilStored(node, { bytes: request, ...walkRequest('logs', request) });
    } catch (error) {
      onDropped(node, count);
      log.error({ err: error, node, records: count }, 'syslog messages were lost on their way to the journal');
    } finally {
      waitingBytes -= bytes.buffer.length;
    }
  }

  /** The whole request, in the memory in which its records are. */
  function finished({ buffer, length }: ByteWriter): Buffer {
    if (!frame) throw new Error('BUG: a batch without records');
    const head = exportRequestHead(frame.resourceField, frame.scopeField, length - frame.headRoom);
    const start = frame.headRoom - head.length;
    buffer.set(head, start);
    return buffer.subarray(start, length);
  }

  function newBatch({ headRoom }: { headRoom: number }): Batch {
    const bytes = new ByteWriter(initialBatchBytes);
    bytes.length = headRoom;
    waitingBytes += bytes.buffer.length;
    return { bytes, count: 0 };
  }

  function pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => {
      clearTimeout(timer);
      sleepers.delete(wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    sleepers.add(wake);
    return promise;
  }

  async function appendUntilStored(
    node: string,
    request: Pick<Parameters<Journal['append']>[0], 'bytes' | 'records' | 'outline'>,
  ) {
    for (let retryMs = firstRetryMs; ; retryMs = Math.min(retryMs * 2, maxRetryMs)) {
      try {
        await journal.append({ signal: 'logs', node, ...request });
        storedBatches += 1;
        return;
      } catch (error) {
        if (givenUp) throw error;
        const why = error instanceof SextantError ? { code: error.code, message: error.message } : { err: error };
        log.debug({ node, ...why }, 'the journal takes no syslog at the moment');
        // At its end the outbox does not wait for the next turn.
        await pause(isClosing ? firstRetryMs : retryMs);
      }
    }
  }

  function cut(node: string, lane: Lane): void {
    clearTimeout(lane.timer);
    lane.timer = undefined;
    if (lane.writing) return;
    const batch = lane.batches.shift();
    if (!batch) return;
    lane.writing = store(node, batch).then(() => {
      lane.writing = undefined;
      // What gathered meanwhile has waited for long enough.
      if (lane.batches.length > 0) cut(node, lane);
      else lanes.delete(node);
      if (!ready() || !waiting) return;
      setImmediate(waiting);
      waiting = undefined;
    });
  }

  return {
    add(node, record) {
      frame ??= frameOf(record);
      let lane = lanes.get(node);
      if (!lane) {
        lane = { batches: [], timer: undefined, writing: undefined };
        lanes.set(node, lane);
      }
      let batch = lane.batches.at(-1);
      if (!batch || batch.bytes.length >= maxBatchBytes) {
        batch = newBatch(frame);
        lane.batches.push(batch);
      }
      const before = batch.bytes.buffer.length;
      encode(batch.bytes, record);
      batch.count += 1;
      waitingBytes += batch.bytes.buffer.length - before;
      if (batch.bytes.length >= maxBatchBytes) cut(node, lane);
      else if (!lane.writing) lane.timer ??= setTimeout(cut, maxAgeMs, node, lane);
    },
    ready,
    whenReady(callback) {
      if (ready()) setImmediate(callback);
      else waiting = callback;
    },
    async close(patience) {
      isClosing = true;
      const done = whileItMoves(
        () => storedBatches,
        patience,
        () => {
          givenUp = true;
          for (const wake of [...sleepers]) wake();
        },
      );
      while (lanes.size > 0) {
        for (const [node, lane] of lanes) cut(node, lane);
        await Promise.all([...lanes.values()].map((lane) => lane.writing));
      }
      done();
    },
  };
}

function frameOf(record: ReadableLogRecord): { resourceField: Buffer; scopeField: Buffer; headRoom: number } {
  const { resourceField, scopeField } = takeApart(record);
  return { resourceField, scopeField, headRoom: resourceField.length + scopeField.length + 12 };
}
