import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Log } from '../../logging/log.ts';
import { type Signal, signals } from '../../protocol/headers.ts';
import { unknownOutline } from '../store/outline.ts';
import type { Store } from '../store/store.ts';
import { encodeEntry } from './entry.ts';
import { createFreeSpaceWatch } from './free-space-watch.ts';
import { createHandover, type Handover } from './handover.ts';
import type { IncomingBatch, Journal, JournalStats } from './journal.ts';
import { createQuarantine } from './quarantine.ts';
import { recoverJournal } from './recover.ts';
import { createPositions, positionKey, type SequenceStore } from './sequences.ts';
import { createTroubles } from './troubles.ts';
import { createJournalWriter, type JournalWriter } from './writer.ts';

interface JournalCapabilities {
  folder: string;
  store: Store;
  state: SequenceStore;
  log: Log;
  nowMs(): number;
  /** Free bytes of the journal's filesystem. */
  freeBytes(): Promise<number>;
}

/** What close() leaves to storage before it stops; the rest waits on disk for the next start. */
const handoverWithinMs = 1500;

/**
 * A file of gauges and sums costs the engine 0.15 to 0.2 CPU-seconds however little is in it, nearly all of it for planning
 * two inserts (2026-11-28): one each second would take a sixth of a core of a quiet site. Nobody waits for a sample as
 * they do for a line.
 */
const metricsWait = 3;

/** The journal as files: appended with group commit, given to storage when they are full or old, then removed. */
export function createJournal(capabilities: JournalCapabilities, settings: Settings): Journal {
  const { folder, store, state, log, nowMs } = capabilities;
  const positions = createPositions();
  const pending = new Map<string, Map<bigint, Promise<void>>>();
  const space = createFreeSpaceWatch(capabilities, settings['collector.storage.minFreeBytes']);
  const quarantine = createQuarantine(join(folder, 'quarantine'), { log, nowMs });
  const writers = new Map<Signal, JournalWriter>();
  const handovers = new Map<Signal, Handover>();
  const troubles = createTroubles(nowMs);
  /** Why the last batch was not taken; undefined when it was. */
  let refusal: string | undefined;
  let lastFile = 0n;
  let accepting = false;
  const stats: JournalStats = {
    backlogBytes: 0,
    backlogFiles: 0,
    storedBatches: 0,
    duplicateBatches: 0,
    storedRecords: 0,
    storedBytes: 0,
    quarantinedBatches: 0,
    quarantinedByNode: quarantine.counts(),
    missingBatches: 0,
  };

  const nextNumber = (): bigint => {
    // Time keeps numbers from being used twice even if state.db is lost: a file's number names its rows in storage.
    const now = BigInt(nowMs());
    lastFile = now > lastFile ? now : lastFile + 1n;
    return lastFile;
  };

  function openSignal(signal: Signal): void {
    const handover = createHandover({
      store,
      quarantine,
      log,
      onStored: (file) => state.save(file.positions, file.number),
      onFailed: () => writer.makeRoom(),
      onRemoved(file, quarantined) {
        stats.backlogBytes -= file.bytes;
        stats.backlogFiles--;
        stats.quarantinedBatches += quarantined;
      },
    });
    handovers.set(signal, handover);
    const writer = createJournalWriter(
      {
        folder,
        signal,
        nextNumber,
        log,
        mayPrepare: (bytes) => space.hasRoomFor(bytes) && !handover.isFailing(),
        onClosed(file) {
          stats.backlogFiles++;
          handover.add(file);
        },
      },
      {
        closeAfterMs: settings['collector.journal.closeAfter'] * (signal === 'metrics' ? metricsWait : 1),
        closeAfterBytes: settings['collector.journal.closeAfterBytes'],
      },
    );
    writers.set(signal, writer);
  }

  function admit(bytes: number, pastCap: boolean): void {
    if (!accepting) throw new SextantError('SX_UNAVAILABLE', 'the collector is not taking telemetry at the moment');
    if (stats.backlogBytes + bytes > settings['collector.journal.maxBacklogBytes']) {
      throw new SextantError('SX_BACKLOG_FULL', `${stats.backlogBytes} bytes wait for storage already`);
    }
    space.demand();
    if (!pastCap && store.isFull(stats.backlogBytes + bytes)) {
      throw new SextantError('SX_CAP_REACHED', 'ingest paused, storage is at collector.storage.maxBytes');
    }
  }

  async function write(batch: IncomingBatch): Promise<void> {
    const { numbering, bytes: otlp, node, signal } = batch;
    const writer = writers.get(signal);
    if (!writer) throw new Error(`BUG: no journal for ${signal}`);
    const position = numbering ? { node, ...numbering } : null;
    const pieces = encodeEntry(otlp, {
      node,
      stream: numbering?.stream ?? '',
      epoch: numbering?.epoch ?? '',
      sequence: numbering?.sequence ?? 0n,
      emptyBefore: numbering?.emptyBefore ?? 0n,
      receivedUnixNano: BigInt(nowMs()) * 1_000_000n,
    });
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    try {
      admit(bytes, batch.pastCap ?? false);
      stats.backlogBytes += bytes;
      const { records, outline = unknownOutline } = batch;
      await writer.append({ pieces, records, position, outline }).catch((error) => {
        stats.backlogBytes -= bytes;
        throw error;
      });
      refusal = undefined;
    } catch (error) {
      refusal = error instanceof SextantError ? error.code : undefined;
      throw error;
    }
    if (position) positions.raise(position);
    stats.storedBatches++;
    stats.storedRecords += batch.records;
    stats.storedBytes += otlp.length;
  }

  return {
    async start() {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const remembered = state.load();
      for (const entry of remembered.entries) positions.raise(entry);
      lastFile = remembered.lastFile;
      const recovered = await recoverJournal(folder, { log, quarantine });
      stats.quarantinedBatches += recovered.quarantined;
      for (const signal of signals) openSignal(signal);
      for (const file of recovered.files) {
        for (const position of file.positions) positions.raise(position);
        if (file.number > lastFile) lastFile = file.number;
        stats.backlogBytes += file.bytes;
        stats.backlogFiles++;
        handovers.get(file.signal)?.add(file);
      }
      if (recovered.files.length > 0) log.info({ files: recovered.files.length }, 'replaying the journal');
      await space.start();
      accepting = true;
    },

    async append(batch) {
      const { numbering } = batch;
      if (!numbering) {
        await write(batch);
        return 'stored';
      }
      const key = positionKey({ node: batch.node, epoch: numbering.epoch, stream: numbering.stream });
      const { sequence } = numbering;
      if (sequence <= positions.durable(key)) {
        stats.duplicateBatches++;
        return 'duplicate';
      }
      const onTheirWay = pending.get(key) ?? new Map<bigint, Promise<void>>();
      pending.set(key, onTheirWay);
      const first = onTheirWay.get(sequence);
      if (first) {
        await first;
        stats.duplicateBatches++;
        return 'duplicate';
      }
      let before = positions.durable(key);
      for (const other of onTheirWay.keys()) if (other > before) before = other;
      // One after the other within a stream: were this one stored and the one before it not, its retry would look like
      // a duplicate.
      const previous = onTheirWay.get(before);
      const own = previous ? previous.then(() => write(batch)) : write(batch);
      onTheirWay.set(sequence, own);
      try {
        await own;
        const missing = sequence - before - 1n - (numbering.emptyBefore ?? 0n);
        if (before > 0n && missing > 0n) stats.missingBatches += Number(missing);
        return 'stored';
      } finally {
        onTheirWay.delete(sequence);
        if (onTheirWay.size === 0) pending.delete(key);
      }
    },

    async holdHandover() {
      const held: (() => void)[] = [];
      const release = (): void => {
        for (const letGo of held) letGo();
      };
      try {
        for (const handover of handovers.values()) held.push(await handover.hold());
      } catch (error) {
        release();
        throw error;
      }
      return release;
    },

    async close() {
      accepting = false;
      space.close();
      await Promise.all([...writers.values()].map((writer) => writer.close()));
      await Promise.all([...handovers.values()].map((handover) => handover.close(handoverWithinMs)));
    },

    stats: () => ({ ...stats }),

    troubles() {
      troubles.set('cap', store.isFull(stats.backlogBytes) || refusal === 'SX_CAP_REACHED');
      troubles.set('disk', space.isBelow() || refusal === 'SX_DISK_FULL');
      troubles.set('backlog', refusal === 'SX_BACKLOG_FULL');
      troubles.set(
        'storage',
        [...handovers.values()].some((handover) => handover.isFailing()),
      );
      return troubles.list();
    },
  };
}
