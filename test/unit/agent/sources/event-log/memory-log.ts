import {
  type EventLogApi,
  EventLogError,
  windowsErrors,
} from '../../../../../agent/sources/event-log/event-log-api.ts';

/** One channel in memory, with the answers of Windows as they are documented. */
export function createMemoryLog() {
  let records: { id: number; unixMs: number }[] = [];
  let created = '100';
  /** Counts what makes open subscriptions stale. */
  let changes = 0;
  const failures: (() => void)[] = [];
  const subscribed: string[] = [];

  const api: EventLogApi = {
    channels: () => ['Memory/Log'],
    logInfo: () => ({ created, oldestRecord: records[0]?.id ?? 0, records: records.length }),
    bookmarkOf: (_, recordId) => String(recordId),
    wait() {},
    close() {},
    subscribe(_channel, _query, from) {
      subscribed.push(from === 'oldest' ? from : `after ${from.after}`);
      let next = 0;
      if (from !== 'oldest') {
        if (!records.some(({ id }) => id === Number(from.after)))
          throw new EventLogError('EvtSubscribe', windowsErrors.notFound);
        next = Number(from.after) + 1;
      }
      const opened = changes;
      return {
        takeSignal: () => true,
        next(max, sinceUnixMs) {
          failures.shift()?.();
          if (changes !== opened) throw new EventLogError('EvtNext', windowsErrors.queryResultStale);
          const batch = records.filter(({ id }) => id >= next).slice(0, max);
          const last = batch.at(-1);
          if (!last) return undefined;
          next = last.id + 1;
          const events = batch.map(({ id, unixMs }) => ({
            recordId: id,
            time: [Math.floor(unixMs / 1000), 0] as [number, number],
            provider: 'Memory',
            ...(unixMs >= sinceUnixMs && {
              content: { eventId: 1, version: 0, level: 4, task: 0, opcode: 0, keywords: '0x0', data: [] },
            }),
          }));
          return { events, bookmark: String(last.id), bytes: 100 * events.length };
        },
        close() {},
      };
    },
  };
  return {
    api,
    /** How reading began each time. */
    subscribed,
    write(from: number, to: number, unixMs = 1_000_000): void {
      for (let id = from; id <= to; id += 1) records.push({ id, unixMs });
    },
    /** Takes records out, as overwriting does (or damage, in the middle). */
    remove(from: number, to: number): void {
      records = records.filter(({ id }) => id < from || id > to);
      changes += 1;
    },
    clear({ newFile }: { newFile: boolean }): void {
      records = [];
      changes += 1;
      if (newFile) created = String(Number(created) + 1);
    },
    /** The next call for events fails so. */
    failNext(code: number, call = 'EvtNext'): void {
      failures.push(() => {
        throw new EventLogError(call, code);
      });
    },
  };
}
