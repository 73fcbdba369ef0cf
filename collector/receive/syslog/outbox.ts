import { setTimeout as pause } from 'node:timers/promises';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { SextantError } from '../../../errors/sextant-error.ts';
import type { Log } from '../../../logging/log.ts';
import { ByteWriter } from '../../../protocol/otlp/byte-writer.ts';
import { writeExportRequest } from '../../../protocol/otlp/export-request.ts';
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
  /** Beyond this there is no room. */
  maxWaitingBytes: number;
  firstRetryMs: number;
  maxRetryMs: number;
}

interface Batch {
  /** `log_records` fields, one behind the other. */
  records: ByteWriter;
  count: number;
}

interface Lane {
  /** In their order; only the last one grows. None is much larger than a batch may be: reading it is one turn's work. */
  batches: Batch[];
  timer: NodeJS.Timeout | undefined;
  writing: Promise<void> | undefined;
}

const initialBatchBytes = 4096;

const defaults: OutboxOptions = {
  maxBatchBytes: 1024 * 1024,
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
  const closing = new AbortController();
  const givenUp = new AbortController();
  const encode = createRecordEncoder();
  /** Of all records alike (log-record.ts). */
  let frame: { resourceField: Buffer; scopeField: Buffer } | undefined;
  let waitingBytes = 0;
  let storedBatches = 0;
  let waiting: (() => void) | undefined;

  const ready = (): boolean => waitingBytes < maxWaitingBytes;

  async function store(node: string, { records, count }: Batch): Promise<void> {
    try {
      if (!frame) throw new Error('BUG: a batch without records');
      const request = new ByteWriter(records.length + frame.resourceField.length + frame.scopeField.length + 32);
      writeExportRequest(request, frame.resourceField, [{ field: frame.scopeField, records }]);
      const bytes = request.written();
      await appendUntilStored(node, { bytes, ...walkRequest('logs', bytes) });
    } catch (error) {
      onDropped(node, count);
      log.error({ err: error, node, records: count }, 'syslog messages were lost on their way to the journal');
    } finally {
      waitingBytes -= records.length;
    }
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
        if (givenUp.signal.aborted) throw error;
        const why = error instanceof SextantError ? { code: error.code, message: error.message } : { err: error };
        log.debug({ node, ...why }, 'the journal takes no syslog at the moment');
        // At its end the outbox does not wait for the next turn.
        await pause(closing.signal.aborted ? firstRetryMs : retryMs, undefined, { signal: givenUp.signal }).catch(
          () => {},
        );
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
      frame ??= takeApart(record);
      let lane = lanes.get(node);
      if (!lane) {
        lane = { batches: [], timer: undefined, writing: undefined };
        lanes.set(node, lane);
      }
      let batch = lane.batches.at(-1);
      if (!batch || batch.records.length >= maxBatchBytes) {
        batch = { records: new ByteWriter(initialBatchBytes), count: 0 };
        lane.batches.push(batch);
      }
      const before = batch.records.length;
      encode(batch.records, record);
      batch.count += 1;
      waitingBytes += batch.records.length - before;
      if (batch.records.length >= maxBatchBytes) cut(node, lane);
      else if (!lane.writing) lane.timer ??= setTimeout(cut, maxAgeMs, node, lane);
    },
    ready,
    whenReady(callback) {
      if (ready()) setImmediate(callback);
      else waiting = callback;
    },
    async close(patience) {
      closing.abort();
      const done = whileItMoves(
        () => storedBatches,
        patience,
        () => givenUp.abort(),
      );
      while (lanes.size > 0) {
        for (const [node, lane] of lanes) cut(node, lane);
        await Promise.all([...lanes.values()].map((lane) => lane.writing));
      }
      done();
    },
  };
}
