import koffi from 'koffi';
import { type EventBatch, type EventLogApi, EventLogError, type Subscription, windowsErrors } from './event-log-api.ts';
import { createEventRenderer } from './event-renderer.ts';
import { loadWevtapi } from './wevtapi-functions.ts';

/** EVT_SUBSCRIBE_FLAGS. */
const subscribeFlags = { oldest: 2, afterBookmark: 3, strict: 0x10000 } as const;
/** EVT_LOG_PROPERTY_ID. */
const logProperty = { created: 0, records: 5, oldest: 6 } as const;
const openChannelPath = 1;
/** More in one call and Windows is known to refuse (RPC_S_INVALID_BOUND). */
const maxBatch = 100;
/** MAXIMUM_WAIT_OBJECTS. */
const maxWaits = 64;
const signalled = 0;

interface OpenSubscription extends Subscription {
  readonly signal: bigint;
}

/** The event log of this machine. Throws when wevtapi.dll cannot be loaded, which is so on everything but Windows. */
export function openWevtapi(nowMs: () => number = Date.now): EventLogApi {
  const api = loadWevtapi();
  const count = cell();
  const properties = cell();
  const renderer = createEventRenderer(api, count, properties, nowMs);
  const handlesAt = koffi.alloc('uint64_t', maxBatch) as bigint;
  const handles = new BigUint64Array(koffi.view(handlesAt, maxBatch * 8));
  const signalsAt = koffi.alloc('uint64_t', maxWaits) as bigint;
  const signals = new BigUint64Array(koffi.view(signalsAt, maxWaits * 8));

  function opened(call: string, handle: bigint | null): bigint {
    if (handle === null) throw api.failed(call);
    return handle;
  }

  function eventsOf(size: number, sinceUnixMs: number): EventBatch {
    const events = [];
    let bytes = 0;
    const bookmark = opened('EvtCreateBookmark', api.createBookmark(null));
    try {
      for (let index = 0; index < size; index += 1) {
        const event = renderer.event(handles[index] ?? 0n, sinceUnixMs);
        bytes += 256 + (event.content ? (event.content.message?.length ?? 0) + event.content.data.join().length : 0);
        events.push(event);
      }
      if (!api.updateBookmark(bookmark, handles[size - 1] ?? 0n)) throw api.failed('EvtUpdateBookmark');
      return { events, bookmark: renderer.bookmark(bookmark), bytes };
    } finally {
      api.close(bookmark);
      for (let index = 0; index < size; index += 1) api.close(handles[index] ?? 0n);
    }
  }

  return {
    channels() {
      const names: string[] = [];
      const channels = opened('EvtOpenChannelEnum', api.openChannelEnum(null, 0));
      const { memory } = renderer;
      try {
        for (;;) {
          if (api.nextChannelPath(channels, memory.size / 2, memory.pointer, count.pointer)) {
            names.push(memory.text(count.value() - 1));
            continue;
          }
          const error = api.lastError();
          if (error === windowsErrors.noMoreItems) return names;
          if (error === windowsErrors.insufficientBuffer && memory.grow(count.value() * 2)) continue;
          throw new EventLogError('EvtNextChannelPath', error);
        }
      } finally {
        api.close(channels);
      }
    },
    logInfo(channel) {
      const log = opened('EvtOpenLog', api.openLog(null, channel, openChannelPath));
      const { memory } = renderer;
      const property = (id: number): number | string => {
        if (!api.getLogInfo(log, id, memory.size, memory.pointer, count.pointer)) throw api.failed('EvtGetLogInfo');
        return Number(memory.variants.value(0) ?? 0);
      };
      try {
        if (!api.getLogInfo(log, logProperty.created, memory.size, memory.pointer, count.pointer)) {
          throw api.failed('EvtGetLogInfo');
        }
        const created = memory.variants.ticks(0);
        return {
          created,
          records: Number(property(logProperty.records)),
          oldestRecord: Number(property(logProperty.oldest)),
        };
      } finally {
        api.close(log);
      }
    },
    subscribe(channel, query, from) {
      // Manual reset: it stays set until it has been seen.
      const signal = opened('CreateEventW', api.createEvent(null, true, false, null));
      let handle: bigint | null = null;
      const after = from === 'oldest' ? null : (api.createBookmark(from.after) as bigint | null);
      const flags = from === 'oldest' ? subscribeFlags.oldest : subscribeFlags.afterBookmark | subscribeFlags.strict;
      try {
        if (from !== 'oldest' && after === null) throw new EventLogError('EvtCreateBookmark', windowsErrors.notFound);
        handle = opened('EvtSubscribe', api.subscribe(null, signal, channel, query ?? null, after, null, null, flags));
      } finally {
        if (after !== null) api.close(after);
        if (handle === null) api.closeHandle(signal);
      }
      const subscription: OpenSubscription = {
        signal,
        takeSignal() {
          if (api.waitOne(signal, 0) !== signalled) return false;
          // Before reading: what comes while we read sets it again.
          api.resetEvent(signal);
          return true;
        },
        next(max, sinceUnixMs) {
          if (!api.next(handle, Math.min(max, maxBatch), handlesAt, 0, 0, count.pointer)) {
            const error = api.lastError();
            if (error === windowsErrors.noMoreItems) return undefined;
            throw new EventLogError('EvtNext', error);
          }
          const size = count.value();
          return size === 0 ? undefined : eventsOf(size, sinceUnixMs);
        },
        close() {
          api.close(handle);
          api.closeHandle(signal);
        },
      };
      return subscription;
    },
    bookmarkOf: (channel, recordId) =>
      `<BookmarkList><Bookmark Channel='${xmlText(channel)}' RecordId='${recordId}' IsCurrent='true'/></BookmarkList>`,
    wait(subscriptions, timeoutMs) {
      const waited = (subscriptions as readonly OpenSubscription[]).slice(0, maxWaits);
      if (waited.length === 0) api.sleep(timeoutMs);
      for (const [index, { signal }] of waited.entries()) signals[index] = signal;
      if (waited.length > 0) api.waitAny(waited.length, signalsAt, false, timeoutMs);
    },
    close() {
      renderer.close();
      for (const pointer of [handlesAt, signalsAt, count.pointer, properties.pointer]) koffi.free(pointer);
    },
  };
}

/** A DWORD that Windows writes to. */
function cell(): { readonly pointer: bigint; value(): number } {
  const pointer = koffi.alloc('uint32_t', 1) as bigint;
  const view = new Uint32Array(koffi.view(pointer, 4));
  return { pointer, value: () => view[0] ?? 0 };
}

const xmlText = (text: string): string => text.replace(/[&<>'"]/g, (character) => `&#${character.charCodeAt(0)};`);
