import type { Log } from '../../logging/log.ts';
import { outcomeHeader, type Signal, signals, streamHeaders } from '../../protocol/headers.ts';
import type { PriorityClass } from '../profile/priority.ts';
import type { SpooledBatch, StreamReader } from '../spool/reader.ts';
import type { Sequence, Spool } from '../spool/spool.ts';
import { answerText } from './answer-text.ts';
import { createBackoff } from './backoff.ts';
import type { CollectorAnswer, CollectorClient } from './client.ts';
import { createTurns, type Turns, type TurnTaker } from './turns.ts';

/** What one stream's sender has done in this run. */
export interface UplinkStats {
  stream: string;
  /** Batches that the collector stored on this request. */
  storedBatches: number;
  /** Batches that it had already: sent again after an answer was lost. */
  duplicateBatches: number;
  rejectedBatches: number;
  failedTries: number;
  sentBytes: number;
  /** Why the last try failed; undefined since the last success. */
  failing: string | undefined;
}

export interface Uplink {
  start(): void;
  /** Tries again now: the collector has just been reached another way. */
  wake(): void;
  stats(): UplinkStats[];
  /** Stops; a request under way is given up (its batch is sent again at the next start). */
  close(): Promise<void>;
}

const firstBackoffMs = 200;
/** Long enough for a collector that waits for its disk; after it the batch is simply sent again. */
const requestTimeoutMs = 30_000;
/** Requests at once: enough that one answer's way does not leave the wire idle, few enough that order means something. */
const atOnce = 3;
/** Shares of the wire when all have something to send; what drains after an outage has a quarter of that. */
const weights: Readonly<Record<PriorityClass, number>> = { critical: 32, normal: 8, bulk: 2 };
const lateShare = 0.25;

/**
 * Sends what waits in the spool: each sequence on its own, one batch at a time, in order; the sequences share the wire by
 * class, and what is new by four to one with what gathered during an outage.
 *
 * One at a time is what makes a batch exactly once: the collector drops every sequence up to the highest it has, so
 * a batch must never overtake the one before it. A batch leaves the spool when the collector has it on disk (200),
 * or when it can never take it (400, 413: quarantine). Everything else is tried again for ever.
 */
export function createUplink(
  {
    client,
    spool,
    log,
    hint = () => undefined,
  }: {
    client: CollectorClient;
    spool: Pick<Spool, 'sequences' | 'reader'>;
    log: Log;
    /** What this node knows itself of why nothing can be delivered. */
    hint?(): string | undefined;
  },
  options: { maxBackoffMs: number },
): Uplink {
  const turns = createTurns({ atOnce });
  const senders = spool.sequences().map((sequence) => {
    const reader = spool.reader(sequence.name);
    return createSender({ reader, taker: takerOf(sequence), turns, client, log, hint }, options);
  });
  let running: Promise<unknown> | undefined;
  return {
    start() {
      running ??= Promise.all(senders.map((sender) => sender.run()));
    },
    wake() {
      for (const sender of senders) sender.wake();
    },
    stats: () => senders.map((sender) => sender.stats),
    async close() {
      for (const sender of senders) sender.stop();
      await Promise.all(senders.map((sender) => sender.close()));
      await running;
    },
  };
}

const takerOf = (sequence: Sequence): TurnTaker => ({
  get weight() {
    return weights[sequence.priority] * (sequence.isLate() ? lateShare : 1);
  },
});

function createSender(
  {
    reader,
    taker,
    turns,
    client,
    log,
    hint,
  }: {
    reader: StreamReader;
    taker: TurnTaker;
    turns: Turns;
    client: CollectorClient;
    log: Log;
    hint(): string | undefined;
  },
  options: { maxBackoffMs: number },
): { run(): Promise<void>; wake(): void; stop(): void; close(): Promise<void>; stats: UplinkStats } {
  const stopping = new AbortController();
  const backoff = createBackoff({ firstMs: firstBackoffMs, maxMs: options.maxBackoffMs });
  let failuresInRow = 0;
  const stats: UplinkStats = {
    stream: reader.stream,
    storedBatches: 0,
    duplicateBatches: 0,
    rejectedBatches: 0,
    failedTries: 0,
    sentBytes: 0,
    failing: undefined,
  };

  async function failed(what: string, atLeastMs = 0): Promise<void> {
    const reason = [what, hint()].filter((part) => part !== undefined).join('; ');
    stats.failedTries += 1;
    failuresInRow += 1;
    // The first may be a kept connection that the other side had just closed.
    if (failuresInRow === 2) {
      log.warn({ stream: reader.stream, reason }, 'cannot deliver to the collector; trying again until it works');
    }
    stats.failing = reason;
    await backoff.wait(stopping.signal, atLeastMs);
  }

  function succeeded(): void {
    if (failuresInRow > 1) log.info({ stream: reader.stream }, 'delivering to the collector again');
    failuresInRow = 0;
    stats.failing = undefined;
    backoff.reset();
  }

  /** Tries until the batch is settled, dropped by the cap, or the uplink stops. */
  async function deliver(batch: SpooledBatch): Promise<void> {
    while (!stopping.signal.aborted && !reader.isDropped(batch)) {
      let answer: CollectorAnswer;
      const leave = await turns.take(taker, batch.payload.length, stopping.signal);
      if (leave === undefined) return;
      if (reader.isDropped(batch)) {
        leave();
        return;
      }
      const unmark = reader.sending(batch);
      const release = (): void => {
        unmark();
        leave();
      };
      try {
        answer = await post(batch);
      } catch (error) {
        release();
        if (stopping.signal.aborted) return;
        await failed((error as Error).message);
        continue;
      }
      release();
      if (answer.status === 200) {
        reader.acknowledge(batch);
        stats.sentBytes += batch.payload.length;
        if (answer.headers[outcomeHeader] === 'duplicate') stats.duplicateBatches += 1;
        else stats.storedBatches += 1;
        succeeded();
        return;
      }
      if (answer.status === 400 || answer.status === 413) {
        const reason = `the collector refused it with ${answer.status}: ${answerText(answer.body)}`;
        log.error(
          { stream: batch.stream, sequence: batch.sequence, records: batch.records, reason },
          'a batch was refused for good: it is kept in quarantine and the stream goes on',
        );
        stats.rejectedBatches += 1;
        await reader.reject(batch, reason);
        succeeded();
        return;
      }
      await failed(`the collector answered ${answer.status}: ${answerText(answer.body)}`, retryAfterMs(answer));
    }
  }

  function post(batch: SpooledBatch): Promise<CollectorAnswer> {
    return client.request(`/v1/${signalOf(reader.stream)}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-protobuf',
        [streamHeaders.stream]: batch.stream,
        [streamHeaders.epoch]: batch.epoch,
        [streamHeaders.sequence]: String(batch.sequence),
        [streamHeaders.emptyBefore]: String(batch.emptyBefore),
        [streamHeaders.crc32]: batch.crc32.toString(16).padStart(8, '0'),
      },
      body: batch.payload,
      idleTimeoutMs: requestTimeoutMs,
      signal: stopping.signal,
    });
  }

  return {
    stats,
    async run() {
      while (!stopping.signal.aborted) {
        try {
          const batch = await reader.next();
          if (batch === undefined) return;
          await deliver(batch);
        } catch (error) {
          log.error({ err: error, stream: reader.stream }, 'cannot read the spool; trying again');
          await failed((error as Error).message);
        }
      }
    },
    wake: () => backoff.wake(),
    stop: () => stopping.abort(),
    close: () => reader.close(),
  };
}

/** `logs-bulk-2` carries logs. */
const signalOf = (stream: string): Signal => signals.find((signal) => stream.startsWith(signal)) ?? 'logs';

/** Retry-After in seconds, as our collector sends it; zero without. A minute at most. */
function retryAfterMs(answer: CollectorAnswer): number {
  const seconds = Number(answer.headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, 60_000) : 0;
}
