import type { Resource } from '@opentelemetry/resources';
import { LoggerProvider, type LogRecordProcessor, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { Log } from '../../logging/log.ts';
import type { LogPipeline } from '../sources/source.ts';
import type { Bookmarks } from '../spool/frame.ts';
import type { Spool } from '../spool/spool.ts';
import type { Batch } from '../spool/stream.ts';
import { createLogEncoder } from './log-encoder.ts';

/** Batches that may be under way to the disk at once; beyond that sources wait. Two keep disk and CPU both busy. */
const maxUnsyncedBatches = 4;
/** A source that waits for room stays far below this; one that does not must not take the memory of the others. */
const floodBatches = 16;
const smallBatchDivisor = 8;

export interface ClassPipeline extends Omit<LogPipeline, 'ofClass'> {
  /** Records emitted in this run. */
  emitted(): number;
  /** Lets sources that wait for room wait until it is taken back. */
  pause(on: boolean): void;
  /** Cuts batches at an eighth of their size. */
  shrinkBatches(small: boolean): void;
  /** Records that were dropped because their source did not wait for room, by scope. */
  flooded(): ReadonlyMap<string, number>;
  /** Gives back the buffers that a burst has left. */
  giveBack(): void;
  /** Cuts the batch and resolves when all that was emitted is durable. */
  flush(): Promise<void>;
  /** Cuts the batch and resolves when all is durable. */
  close(): Promise<void>;
}

/**
 * From the OpenTelemetry log records of one class to durable batches of one stream.
 *
 * Records gather until they are about `maxBytes` or the oldest is `maxAgeMs` old, are serialised once as an OTLP
 * export request and appended to the spool together with the positions marked meanwhile. A batch is cut only inside
 * `mark` or between turns of the event loop.
 */
export function createLogPipeline(
  {
    spool,
    resource,
    clockAttributes,
    log,
  }: {
    spool: Spool;
    resource: Resource;
    /** Further attributes of each batch's resource, as createClockAttributes makes them. */
    clockAttributes(): Buffer;
    log: Log;
  },
  options: { stream: string; maxBytes: number; maxAgeMs: number },
): ClassPipeline {
  const { stream } = options;
  const encoder = createLogEncoder();
  let marks: Bookmarks | undefined;
  let emitted = 0;
  let ageTimer: NodeJS.Timeout | undefined;
  let cutSoon: NodeJS.Immediate | undefined;
  const unsynced = new Set<Promise<unknown>>();
  let unsyncedBytes = 0;
  let waiting: (() => void)[] = [];
  const maxUnsyncedBytes = maxUnsyncedBatches * options.maxBytes;
  const floodBytes = floodBatches * options.maxBytes;
  const flooded = new Map<string, number>();

  function cut(): void {
    clearTimeout(ageTimer);
    ageTimer = undefined;
    if (cutSoon) clearImmediate(cutSoon);
    cutSoon = undefined;
    const count = encoder.records;
    if (count === 0) {
      appendMarks();
      return;
    }
    const sources = encoder.counts();
    const payload = encoder.take(clockAttributes());
    const bookmarks = marks;
    marks = undefined;
    append({ payload, records: count, sources, ...(bookmarks && { bookmarks }) }, () => encoder.recycle(payload));
  }

  /** Positions that no record came with. */
  function appendMarks(): void {
    if (marks) append({ payload: new Uint8Array(0), records: 0, bookmarks: marks });
    marks = undefined;
  }

  function append(batch: Batch, onSettled = (): void => undefined): void {
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
        onSettled();
        unsyncedBytes -= size;
        release();
      });
    unsynced.add(done);
  }

  let paused = false;
  let maxBytes = options.maxBytes;
  const isReady = (): boolean =>
    !paused && unsynced.size < maxUnsyncedBatches && unsyncedBytes + encoder.bytes < maxUnsyncedBytes;

  function release(): void {
    if (!isReady()) return;
    const ready = waiting;
    waiting = [];
    for (const resolve of ready) resolve();
  }

  function added(): void {
    emitted += 1;
    if (encoder.bytes >= maxBytes) cutSoon ??= setImmediate(cut);
    else ageTimer ??= setTimeout(cut, options.maxAgeMs);
  }

  let capture: ((record: ReadableLogRecord) => void) | undefined;
  const processor: LogRecordProcessor = {
    onEmit(record) {
      if (capture) return capture(record);
      if (unsyncedBytes + encoder.bytes > floodBytes) {
        const { name } = record.instrumentationScope;
        flooded.set(name, (flooded.get(name) ?? 0) + 1);
        return;
      }
      encoder.add(record);
      added();
    },
    forceFlush: async () => cut(),
    shutdown: async () => cut(),
  };
  const provider = new LoggerProvider({ resource, processors: [processor] });

  async function flush(): Promise<void> {
    cut();
    await Promise.all(unsynced);
  }

  /** A record as the SDK makes it, which carries resource and scope; it goes nowhere. */
  function sampleOf(scope: string): ReadableLogRecord {
    let sample: ReadableLogRecord | undefined;
    capture = (record) => {
      sample = record;
    };
    provider.getLogger(scope).emit({ body: '' });
    capture = undefined;
    if (sample === undefined) throw new Error('BUG: the SDK kept a record back');
    return sample;
  }

  return {
    logger: (scope) => provider.getLogger(scope),
    lines(scope) {
      const sample = sampleOf(scope);
      return {
        write(line) {
          encoder.addLine(line, sample);
          added();
        },
      };
    },
    mark(key, position) {
      marks ??= {};
      marks[key] = position;
      if (encoder.bytes >= maxBytes) cut();
      else ageTimer ??= setTimeout(cut, options.maxAgeMs);
    },
    keys: (prefix) => spool.keys().filter((key) => key.startsWith(prefix)),
    position: (key) => spool.position(key),
    forget(key) {
      marks ??= {};
      marks[key] = null;
      spool.forget(key);
      ageTimer ??= setTimeout(cut, options.maxAgeMs);
    },
    async ready() {
      if (isReady()) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      await promise;
    },
    emitted: () => emitted,
    flooded: () => flooded,
    pause(on) {
      paused = on;
      release();
    },
    shrinkBatches(small) {
      maxBytes = small ? Math.ceil(options.maxBytes / smallBatchDivisor) : options.maxBytes;
    },
    giveBack: encoder.giveBack,
    flush,
    async close() {
      await provider.shutdown();
      for (const resolve of waiting) resolve();
      waiting = [];
      await flush();
    },
  };
}
