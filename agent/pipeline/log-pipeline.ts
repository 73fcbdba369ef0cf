import { ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import type { Resource } from '@opentelemetry/resources';
import { LoggerProvider, type LogRecordProcessor, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { Log } from '../../logging/log.ts';
import type { LogPipeline } from '../sources/source.ts';
import type { Bookmarks } from '../spool/frame.ts';
import type { Spool } from '../spool/spool.ts';

const stream = 'logs';
/** What a record costs beside its strings: two times, numbers, lengths. */
const recordOverheadBytes = 40;
/** Batches that may be under way to the disk at once; beyond that sources wait. Two keep disk and CPU both busy. */
const maxUnsyncedBatches = 4;

export interface ClosableLogPipeline extends LogPipeline {
  /** Records emitted in this run. */
  emitted(): number;
  /** Cuts the batch and resolves when all is durable. */
  close(): Promise<void>;
}

/**
 * From OpenTelemetry log records to durable batches.
 *
 * Records gather until they are about `maxBytes` or the oldest is `maxAgeMs` old, are serialised once as an OTLP
 * export request and appended to the spool together with the positions marked meanwhile. A batch is cut only inside
 * `mark` or between turns of the event loop.
 */
export function createLogPipeline(
  { spool, resource, log }: { spool: Spool; resource: Resource; log: Log },
  options: { maxBytes: number; maxAgeMs: number },
): ClosableLogPipeline {
  let records: ReadableLogRecord[] = [];
  let bytes = 0;
  let marks: Bookmarks | undefined;
  let emitted = 0;
  let ageTimer: NodeJS.Timeout | undefined;
  let cutSoon: NodeJS.Immediate | undefined;
  const unsynced = new Set<Promise<unknown>>();
  let unsyncedBytes = 0;
  let waiting: (() => void)[] = [];
  const maxUnsyncedBytes = maxUnsyncedBatches * options.maxBytes;

  function cut(): void {
    clearTimeout(ageTimer);
    ageTimer = undefined;
    if (cutSoon) clearImmediate(cutSoon);
    cutSoon = undefined;
    if (records.length === 0) return;
    const payload = ProtobufLogsSerializer.serializeRequest(records);
    const count = records.length;
    const bookmarks = marks;
    records = [];
    bytes = 0;
    marks = undefined;
    if (payload === undefined) throw new Error('BUG: the serializer returned nothing');
    append({ payload, records: count, ...(bookmarks && { bookmarks }) });
  }

  function append(batch: Parameters<Spool['append']>[1]): void {
    const size = batch.payload.length;
    unsyncedBytes += size;
    const done = spool
      .append(stream, batch)
      .catch((error: unknown) => {
        // Only at close: the positions stay where they were, so the records are read again at the next start.
        log.warn({ err: error, records: batch.records }, 'log records were not spooled before the end');
      })
      .finally(() => {
        unsynced.delete(done);
        unsyncedBytes -= size;
        if (isReady()) {
          const ready = waiting;
          waiting = [];
          for (const resolve of ready) resolve();
        }
      });
    unsynced.add(done);
  }

  const isReady = (): boolean => unsynced.size < maxUnsyncedBatches && unsyncedBytes + bytes < maxUnsyncedBytes;

  const processor: LogRecordProcessor = {
    onEmit(record) {
      records.push(record);
      emitted += 1;
      bytes += estimateBytes(record);
      if (bytes >= options.maxBytes) cutSoon ??= setImmediate(cut);
      else ageTimer ??= setTimeout(cut, options.maxAgeMs);
    },
    forceFlush: async () => cut(),
    shutdown: async () => cut(),
  };
  const provider = new LoggerProvider({ resource, processors: [processor] });

  return {
    logger: (scope) => provider.getLogger(scope),
    mark(key, position) {
      marks ??= {};
      marks[key] = position;
      if (bytes >= options.maxBytes) cut();
    },
    position: (key) => spool.position(stream, key),
    forget(key) {
      if (marks) delete marks[key];
      spool.forget(stream, key);
    },
    async ready() {
      if (isReady()) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      await promise;
    },
    emitted: () => emitted,
    async close() {
      await provider.shutdown();
      if (marks) append({ payload: new Uint8Array(0), records: 0, bookmarks: marks });
      marks = undefined;
      for (const resolve of waiting) resolve();
      waiting = [];
      await Promise.all(unsynced);
    },
  };
}

function estimateBytes(record: ReadableLogRecord): number {
  let sum = recordOverheadBytes;
  sum += typeof record.body === 'string' ? record.body.length : 64;
  const { attributes } = record;
  for (const key in attributes) {
    const value = attributes[key];
    sum += key.length + 6 + (typeof value === 'string' ? value.length : 8);
  }
  return sum;
}
