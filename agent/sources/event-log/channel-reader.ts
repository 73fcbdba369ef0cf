import {
  type EventBatch,
  type EventLogApi,
  EventLogError,
  type Subscription,
  type WindowsEvent,
  windowsErrors,
} from './event-log-api.ts';
import { type ChannelPosition, generationOf } from './position.ts';

/** Events of a channel that will never be read. */
export interface Gap {
  /** The log has written over them, somebody has cleared the log, or Windows does not hand them over. */
  kind: 'overwritten' | 'cleared' | 'unreadable';
  first: number;
  /** Absent when nobody knows: what a cleared log held goes with it. */
  last?: number;
  /** With a query nobody knows how many of them it would have matched. */
  filtered: boolean;
}

export type ReadItem = { event: WindowsEvent; generation: string } | { gap: Gap; generation: string };

export interface Reading {
  /** In the order of the log; what is missing stands where it is missing. */
  items: ReadItem[];
  position: ChannelPosition;
}

const maxBatch = 100;
/** A batch of this much text is enough in memory; the next one is smaller. */
const batchBytes = 1024 * 1024;
/** After so many batches that went well a larger one is tried. */
const growAfter = 20;
/** A log that changes under every new subscription is left alone for a while. */
const maxStaleInARow = 3;
/** So many new beginnings in one reading; halving takes seven. Other channels wait meanwhile. */
const maxTries = 32;

/**
 * Reads one channel from a position on: every event once, and what cannot be read as a gap with its numbers.
 *
 * `read` gives what comes next, undefined when there is nothing now. It throws EventLogError for what concerns the
 * channel as a whole; reading may be tried again at any time.
 */
export function createChannelReader({
  api,
  channel,
  query,
  position: known,
  sinceUnixMs,
}: {
  api: EventLogApi;
  channel: string;
  query: string | undefined;
  position: ChannelPosition | undefined;
  sinceUnixMs: number;
}) {
  const filtered = query !== undefined;
  let position = known;
  let subscription: Subscription | undefined;
  let size = maxBatch;
  let goodBatches = 0;
  let staleInARow = 0;
  /** What is found out before the next event is at hand. */
  let gaps: ReadItem[] = [];
  /** Records that were passed over because Windows does not hand them over. */
  let unreadable: { first: number; last: number } | undefined;
  /** The bookmark was lost, but not the records: these have been read. */
  let readUpTo: number | undefined;

  function addGap(at: ChannelPosition, gap: Omit<Gap, 'filtered'>, into: ReadItem[]): void {
    into.push({ gap: { ...gap, filtered }, generation: generationOf(at) });
  }

  function open(): Subscription {
    const info = api.logInfo(channel);
    const { created, oldestRecord, records } = info;
    readUpTo = undefined;
    if (!position) {
      position = { bookmark: '', created, resets: 0, sinceUnixMs };
      return api.subscribe(channel, query, 'oldest');
    }
    const { record } = position;
    const newest = records === 0 ? undefined : oldestRecord + records - 1;
    const renewed = position.created !== created;
    if (renewed || (newest !== undefined && record !== undefined && newest < record)) {
      beginAnew(renewed ? { created, resets: 0 } : { created, resets: position.resets + 1 }, oldestRecord, gaps);
      return api.subscribe(channel, query, 'oldest');
    }
    if (record === undefined || newest === undefined) return api.subscribe(channel, query, 'oldest');
    if (oldestRecord > record + 1) {
      addGap(position, { kind: 'overwritten', first: record + 1, last: oldestRecord - 1 }, gaps);
      moveTo(oldestRecord - 1);
      return api.subscribe(channel, query, 'oldest');
    }
    try {
      return api.subscribe(channel, query, { after: position.bookmark });
    } catch (error) {
      if (!(error instanceof EventLogError) || error.code !== windowsErrors.notFound) throw error;
      readUpTo = record;
      return api.subscribe(channel, query, 'oldest');
    }
  }

  /** The log was cleared: the records are counted from `oldest` on, in a generation of their own. */
  function beginAnew(generation: Pick<ChannelPosition, 'created' | 'resets'>, oldest: number, into: ReadItem[]): void {
    if (!position) return;
    const { record, ...rest } = position;
    if (record !== undefined) {
      const last = oldest > record + 1 ? { last: oldest - 1 } : {};
      addGap(position, { kind: 'cleared', first: record + 1, ...last }, into);
    }
    position = { ...rest, bookmark: '', ...generation };
  }

  function moveTo(record: number): void {
    if (position) position = { ...position, record, bookmark: api.bookmarkOf(channel, record) };
  }

  /** The next batch; undefined when there is none now, 'again' when reading has to begin anew at the position. */
  function nextBatch(): EventBatch | undefined | 'again' {
    try {
      subscription ??= open();
      return subscription.next(size, position?.sinceUnixMs ?? 0);
    } catch (error) {
      close();
      if (!(error instanceof EventLogError)) throw error;
      if (error.code === windowsErrors.queryResultStale && staleInARow < maxStaleInARow) {
        staleInARow += 1;
        return 'again';
      }
      if (error.code !== windowsErrors.invalidBound && error.call !== 'EvtRender') throw error;
      // The cursor stands behind events that were not handed over: back to the bookmark, with fewer at a time.
      goodBatches = 0;
      if (size > 1) size = Math.ceil(size / 2);
      else passOver();
      return 'again';
    }
  }

  function passOver(): void {
    const next = (position?.record ?? api.logInfo(channel).oldestRecord - 1) + 1;
    unreadable = { first: unreadable?.first ?? next, last: next };
    moveTo(next);
  }

  function close(): void {
    subscription?.close();
    subscription = undefined;
  }

  function adapt(bytes: number): void {
    staleInARow = 0;
    goodBatches += 1;
    if (bytes > batchBytes) size = Math.max(1, Math.ceil(size / 2));
    else if (goodBatches >= growAfter && size < maxBatch) {
      size = Math.min(maxBatch, size * 2);
      goodBatches = 0;
    }
  }

  /** What the numbers say of the records before this one. */
  function compare(event: WindowsEvent, items: ReadItem[]): void {
    if (!position) return;
    const { record } = position;
    const skipped = unreadable;
    unreadable = undefined;
    if (skipped)
      addGap(
        position,
        { kind: 'unreadable', first: skipped.first, last: Math.min(skipped.last, event.recordId - 1) },
        items,
      );
    if (record === undefined) return;
    if (event.recordId <= record) {
      beginAnew({ created: position.created, resets: position.resets + 1 }, event.recordId, items);
    } else if (!filtered && event.recordId > record + 1) {
      addGap(position, { kind: 'overwritten', first: record + 1, last: event.recordId - 1 }, items);
    }
  }

  return {
    channel,
    /** Undefined while there is no subscription. */
    subscription: (): Subscription | undefined => subscription,
    read(): Reading | undefined {
      let batch = nextBatch();
      for (let tries = 0; batch === 'again' && tries < maxTries; tries += 1) batch = nextBatch();
      if (batch === 'again') throw new EventLogError('EvtNext', windowsErrors.invalidBound);
      const items = gaps;
      gaps = [];
      if (batch !== undefined) adapt(batch.bytes);
      for (const event of batch?.events ?? []) {
        if (readUpTo !== undefined && event.recordId <= readUpTo) continue;
        readUpTo = undefined;
        compare(event, items);
        if (!position) throw new Error('BUG: a subscription without a position');
        position.record = event.recordId;
        position.lastEventUnixMs = event.time[0] * 1000 + Math.floor(event.time[1] / 1e6);
        if (event.content) items.push({ event, generation: generationOf(position) });
      }
      if (batch !== undefined && position && readUpTo === undefined) position.bookmark = batch.bookmark;
      if (!position || (batch === undefined && items.length === 0)) return undefined;
      return { items, position: { ...position } };
    },
    close,
  };
}
export type ChannelReader = ReturnType<typeof createChannelReader>;
