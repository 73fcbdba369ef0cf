import { basename } from 'node:path';
import type { Log } from '../../logging/log.ts';
import { type PriorityClass, priorities } from '../profile/priority.ts';
import type { SourceCounts } from './frame.ts';
import type { Segment } from './segment.ts';
import { scanSegment } from './segment-scan.ts';
import type { SpoolStream } from './stream.ts';

/** What will never be delivered: a segment that was dropped at the cap or the floor, a batch in quarantine. */
export interface Drop {
  stream: string;
  priority: PriorityClass;
  batches: number;
  /** 0 when nobody can tell. */
  records: number;
  /** Empty when nobody can tell. */
  sources: SourceCounts;
  reason: string;
}

/** Kept for the spool whatever the free space, so that a node with a full disk can still say so. */
const workingBytes = 8 * 1024 * 1024;
/** What a batch takes beside its own bytes: a new segment's label, blocks that it fills in part, the checkpoint. */
const besideBytes = 64 * 1024;

/** Resolves when so many bytes may be written; what it resolves with is called when they are in a segment, or never will be. */
export type MakeRoom = (bytes: number, asking: SpoolStream) => Promise<() => void>;

/**
 * Makes room below the byte cap and above the free-space floor by dropping whole segments: of the lowest class that has
 * any, oldest first, never of a class above that of the batch that needs the room. The returned function rejects when
 * all that is left matters more or is on the wire; the batch is then tried again later.
 *
 * One is asked after another, and what one was allowed counts as used until it is written: together they stay below the cap.
 */
export function createRoom(
  {
    streams,
    classes,
    epoch,
    log,
    onDrop,
    free,
    yieldBytes,
  }: {
    streams: ReadonlyMap<string, SpoolStream>;
    classes: ReadonlyMap<SpoolStream, PriorityClass>;
    epoch: string;
    log: Log;
    onDrop(drop: Drop): void;
    free(folder: string): Promise<number>;
    /** Frees up to so many bytes that the collector has already; resolves with how many. */
    yieldBytes(bytes: number): Promise<number>;
  },
  options: { folder: string; maxBytes: number; minFreeBytes: number },
): MakeRoom {
  /** What was allowed and is not in a segment yet. */
  const allowed = new Map<SpoolStream, { bytes: number; written: Promise<void> }>();
  const totalBytes = (): number => {
    let sum = 0;
    for (const stream of streams.values()) sum += stream.bytes + (allowed.get(stream)?.bytes ?? 0);
    return sum;
  };
  const classOf = (stream: SpoolStream): PriorityClass => classes.get(stream) ?? 'normal';
  const rankOf = (stream: SpoolStream): number => priorities.indexOf(classOf(stream));

  /** By the order of writing, which a clock that was set does not change. Undefined when nothing may be dropped but what is on the wire or being written. */
  function leastMissed(asking: SpoolStream): { stream: SpoolStream; segment: Segment } | undefined {
    let found: { stream: SpoolStream; segment: Segment; rank: number } | undefined;
    let allMattersMore = true;
    for (const stream of streams.values()) {
      const rank = rankOf(stream);
      if (rank < rankOf(asking)) continue;
      for (const segment of stream.segments) {
        allMattersMore = false;
        if (segment.sending || (segment === stream.activeSegment && allowed.has(stream))) continue;
        const older = rank === found?.rank && segment.firstOrdinal < found.segment.firstOrdinal;
        if (!found || rank > found.rank || older) found = { stream, segment, rank };
        break;
      }
    }
    if (allMattersMore && totalBytes() > 0) throw new Error('the spool is full of what matters more');
    return found;
  }

  async function drop(stream: SpoolStream, segment: Segment, reason: string): Promise<void> {
    const { waitingBatches: batches, waitingRecords: records } = segment;
    // At once: whoever else needs room meanwhile may choose it too, and it must count once.
    segment.waitingBatches = 0;
    segment.waitingRecords = 0;
    segment.waitingBytes = 0;
    segment.removed = true;
    const sources = batches === 0 ? {} : await sourcesOf(stream, segment);
    stream.state.droppedBatches += batches;
    stream.state.droppedRecords += records;
    const { droppedBySource } = stream.state;
    for (const [source, count] of Object.entries(sources)) {
      droppedBySource[source] = (droppedBySource[source] ?? 0) + count;
    }
    await stream.remove(segment, { delivered: false });
    if (batches === 0) return;
    const priority = classOf(stream);
    log.warn({ stream: stream.name, priority, batches, records, reason }, 'the spool dropped its oldest batches');
    onDrop({ stream: stream.name, priority, batches, records, sources, reason });
  }

  /** Whose the waiting records of a segment are. */
  async function sourcesOf(stream: SpoolStream, segment: Segment): Promise<SourceCounts> {
    if (!segment.partlyAcknowledged) return segment.sources;
    const { acknowledged } = stream.state;
    const name = basename(segment.path);
    const scanned = await scanSegment(segment.path, name, { acknowledged, last: false, epoch }).catch(() => undefined);
    return typeof scanned === 'object' ? scanned.segment.sources : {};
  }

  async function makeRoom(bytes: number, asking: SpoolStream): Promise<() => void> {
    let used = totalBytes();
    // What was allowed and is not written still counts as free there.
    const unwritten = [...allowed.values()].reduce((sum, { bytes: each }) => sum + each, 0);
    let floorCap = used - unwritten + (await free(options.folder)) - options.minFreeBytes;
    const short = Math.min(used + bytes + besideBytes, options.maxBytes) - floorCap;
    if (short > 0) floorCap += await yieldBytes(short);
    const cap = Math.min(options.maxBytes, Math.max(floorCap, workingBytes));
    while (used > 0 && used + bytes > cap) {
      const least = leastMissed(asking);
      if (least) await drop(least.stream, least.segment, floorCap < options.maxBytes ? 'free space' : 'byte cap');
      else if (allowed.size > 0) await Promise.race([...allowed.values()].map(({ written }) => written));
      else throw new Error('the spool is full, and all that may be dropped is on its way to the collector');
      used = totalBytes();
    }
    const { promise: written, resolve } = Promise.withResolvers<void>();
    allowed.set(asking, { bytes, written });
    return () => {
      allowed.delete(asking);
      resolve();
    };
  }

  let last: Promise<unknown> = Promise.resolve();
  return (bytes, asking) => {
    const made = last.then(() => makeRoom(bytes, asking));
    last = made.catch(() => undefined);
    return made;
  };
}
