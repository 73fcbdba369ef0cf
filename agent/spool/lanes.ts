import type { PriorityClass } from '../profile/priority.ts';
import type { Batch, SpoolStream } from './stream.ts';

/** Beyond this a stream's backlog would hold up what is new for longer than a person waits. */
const defaultLateBytes = 4 * 1024 * 1024;

/** A stream name as sources know it. */
export interface Lanes {
  readonly name: string;
  readonly priority: PriorityClass;
  /** Makes it a stream of another class, what waits in it too. */
  reclassify(priority: PriorityClass): void;
  readonly streams: readonly [SpoolStream, SpoolStream];
  append(batch: Batch): Promise<number>;
  /** True for the sequence that only drains. */
  isLate(stream: SpoolStream): boolean;
  /** The collector has taken a batch: looks whether what is new should no longer wait behind a backlog. */
  delivered(): void;
  close(): Promise<void>;
}

/** Names of the two numbered sequences that carry one stream. */
export const laneNames = (name: string): readonly [string, string] => [name, `${name}-2`];

/**
 * Two numbered sequences for one stream: one takes what is new, the other drains.
 *
 * Within a sequence batches go in order, one at a time; that is what makes them exactly once. So after an outage new
 * records would wait behind all that gathered meanwhile. When the collector takes batches and more than `lateBytes` wait
 * in the sequence in use, new batches go to the other one, if that is empty; both are then sent side by side.
 *
 * The first batch goes to the other sequence only when all before it are durable: a position may become durable in one
 * sequence only after the records in front of it, which are in the other.
 */
export function createLanes(
  name: string,
  firstPriority: PriorityClass,
  streams: readonly [SpoolStream, SpoolStream],
  lateBytes = defaultLateBytes,
): Lanes {
  const [first, second] = streams;
  const startsLate = first.waitingBytes > lateBytes && second.waitingBytes < first.waitingBytes;
  let current = startsLate ? second : first;
  /** What waits until the sequence that was in use is durable. */
  let held: { batch: Batch; resolve(sequence: number): void; reject(error: Error): void }[] | undefined;
  let closed = false;
  let priority = firstPriority;

  function append(batch: Batch): Promise<number> {
    if (held === undefined || closed) return current.append(batch);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    held.push({ batch, resolve, reject });
    return promise;
  }

  function release(): void {
    const waiting = held ?? [];
    held = undefined;
    for (const { batch, resolve, reject } of waiting) current.append(batch).then(resolve, reject);
  }

  return {
    name,
    get priority() {
      return priority;
    },
    reclassify(next) {
      priority = next;
    },
    streams,
    append,
    isLate: (stream) => stream !== current,
    delivered() {
      const other = current === streams[0] ? streams[1] : streams[0];
      if (held !== undefined || closed || current.waitingBytes <= lateBytes || other.waitingBatches > 0) return;
      held = [];
      void current.settled().then(() => {
        if (!closed) current = other;
        release();
      });
    },
    async close() {
      closed = true;
      release();
      await Promise.all(streams.map((stream) => stream.close()));
    },
  };
}
