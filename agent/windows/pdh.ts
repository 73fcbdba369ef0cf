import koffi from 'koffi';

const pdh = koffi.load('pdh.dll');
const PdhOpenQueryW = pdh.func('uint32_t __stdcall PdhOpenQueryW(void *source, void *user, _Out_ void **query)');
const PdhAddEnglishCounterW = pdh.func(
  'uint32_t __stdcall PdhAddEnglishCounterW(void *query, const char16_t *path, void *user, _Out_ void **counter)',
);
const PdhCollectQueryData = pdh.func('uint32_t __stdcall PdhCollectQueryData(void *query)');
const PdhGetRawCounterArrayW = pdh.func(
  'uint32_t __stdcall PdhGetRawCounterArrayW(void *counter, _Inout_ uint32_t *bytes, _Out_ uint32_t *count, void *items)',
);
const PdhGetFormattedCounterArrayW = pdh.func(
  'uint32_t __stdcall PdhGetFormattedCounterArrayW(void *counter, uint32_t format, _Inout_ uint32_t *bytes, _Out_ uint32_t *count, void *items)',
);
const PdhGetRawCounterValue = pdh.func(
  'uint32_t __stdcall PdhGetRawCounterValue(void *counter, void *type, void *value)',
);
const PdhGetFormattedCounterValue = pdh.func(
  'uint32_t __stdcall PdhGetFormattedCounterValue(void *counter, uint32_t format, void *type, void *value)',
);
const PdhGetCounterTimeBase = pdh.func(
  'uint32_t __stdcall PdhGetCounterTimeBase(void *counter, _Out_ int64_t *ticksPerSecond)',
);
const PdhCloseQuery = pdh.func('uint32_t __stdcall PdhCloseQuery(void *query)');

/** Longest that a collection is waited for. */
const collectWithinMs = 5_000;
const moreData = 0x800007d2;
/** PDH_FMT_DOUBLE | PDH_FMT_NOCAP100 */
const asDouble = 0x200 | 0x8000;
/** PDH_CSTATUS_VALID_DATA and _NEW_DATA; all others say that there is no value. */
const isValid = (status: number) => status === 0 || status === 1;

/** Items of the arrays: a pointer to the name, then PDH_RAW_COUNTER (status, time, first at 16, second at 24, count). */
const rawItem = { bytes: 48, value: 8 };
/** … then PDH_FMT_COUNTERVALUE (status, a double at 8). */
const formattedItem = { bytes: 24, value: 8 };

export interface RawValue {
  /** Empty for a counter without instances. */
  instance: string;
  /** What the counter's provider counts; most often it grows and never falls. */
  first: number;
  second: number;
}

export interface FormattedValue {
  instance: string;
  value: number;
}

/** One counter of a query: a path with `(*)` stands for all of its instances. */
export type Counter = bigint;

export interface CounterQuery {
  /**
   * Adds a counter by its English path, whatever the language of Windows. Undefined and the reason when this machine
   * has no such counter.
   */
  add(path: string): { counter: Counter } | { counter: undefined; reason: string };
  /** Asks all providers at once, aside from the event loop. False when none has anything, or one is late. */
  collect(): Promise<boolean>;
  /** What the providers count, as it is. */
  raw(counter: Counter): RawValue[];
  /** As Windows would show it: per second, in percent. Empty until there have been two collections. */
  formatted(counter: Counter): FormattedValue[];
  /** Unit of times among the raw values of averages. */
  ticksPerSecond(counter: Counter): number;
  close(): void;
}

/** Opens a query of Performance Data Helper (pdh.dll). Throws when Windows refuses even that. */
export function openCounterQuery(): CounterQuery {
  const out: [bigint | null] = [null];
  const opened: number = PdhOpenQueryW(null, null, out);
  const query = out[0];
  if (opened !== 0 || !query) throw new Error(`PdhOpenQueryW: ${describe(opened)}`);
  // One buffer for all counters: it grows to what the largest needs.
  let buffer = Buffer.alloc(4096);
  /** A counter that has no instances is asked for its one value. */
  const several = new Set<Counter>();
  const single = Buffer.alloc(40);
  let collecting: Promise<boolean> | undefined;

  /** Calls until the buffer is large enough; the number of items, 0 when there is nothing to tell. */
  function fill(call: (bytes: [number], count: [number]) => number): number {
    for (let tries = 0; tries < 4; tries += 1) {
      const bytes: [number] = [buffer.length];
      const count: [number] = [0];
      const status = call(bytes, count);
      if (status === 0) return count[0];
      if (status !== moreData) return 0;
      // Instances may come between two calls.
      buffer = Buffer.alloc(Math.max(bytes[0], buffer.length) + 4096);
    }
    return 0;
  }

  /** The name that an item points to, which lies behind the items in the same buffer. */
  function instanceAt(offset: number): string {
    const at = Number(buffer.readBigUInt64LE(offset) - koffi.address(buffer));
    if (at < 0 || at >= buffer.length) return '';
    let end = at;
    while (end + 1 < buffer.length && buffer.readUInt16LE(end) !== 0) end += 2;
    return buffer.toString('utf16le', at, end);
  }

  return {
    add(path) {
      const added: [bigint | null] = [null];
      const status: number = PdhAddEnglishCounterW(query, path, null, added);
      if (status === 0 && added[0]) {
        if (path.includes('(*)')) several.add(added[0]);
        return { counter: added[0] };
      }
      return { counter: undefined, reason: describe(status) };
    },
    async collect() {
      // A provider that hangs is asked once, however long it takes.
      if (collecting) return false;
      const answer = Promise.withResolvers<boolean>();
      PdhCollectQueryData.async(query, (error: Error | null, status: number) => answer.resolve(!error && status === 0));
      collecting = answer.promise.finally(() => {
        collecting = undefined;
      });
      const late = Promise.withResolvers<false>();
      const timer = setTimeout(late.resolve, collectWithinMs, false);
      return Promise.race([collecting, late.promise]).finally(() => clearTimeout(timer));
    },
    raw(counter) {
      const count = several.has(counter)
        ? fill((bytes, items) => PdhGetRawCounterArrayW(counter, bytes, items, buffer))
        : Number(PdhGetRawCounterValue(counter, null, single) === 0);
      const values: RawValue[] = [];
      for (let index = 0, at = 0; index < count; index += 1, at += rawItem.bytes) {
        const [bytes, value] = several.has(counter) ? [buffer, at + rawItem.value] : [single, 0];
        if (!isValid(bytes.readUInt32LE(value))) continue;
        values.push({
          instance: several.has(counter) ? instanceAt(at) : '',
          first: Number(bytes.readBigInt64LE(value + 16)),
          second: Number(bytes.readBigInt64LE(value + 24)),
        });
      }
      return values;
    },
    formatted(counter) {
      const count = several.has(counter)
        ? fill((bytes, items) => PdhGetFormattedCounterArrayW(counter, asDouble, bytes, items, buffer))
        : Number(PdhGetFormattedCounterValue(counter, asDouble, null, single) === 0);
      const values: FormattedValue[] = [];
      for (let index = 0, at = 0; index < count; index += 1, at += formattedItem.bytes) {
        const [bytes, place] = several.has(counter) ? [buffer, at + formattedItem.value] : [single, 0];
        if (!isValid(bytes.readUInt32LE(place))) continue;
        const value = bytes.readDoubleLE(place + 8);
        if (Number.isFinite(value)) values.push({ instance: several.has(counter) ? instanceAt(at) : '', value });
      }
      return values;
    },
    ticksPerSecond(counter) {
      const ticks: [bigint | number] = [0];
      return PdhGetCounterTimeBase(counter, ticks) === 0 ? Number(ticks[0]) : 0;
    },
    close() {
      // What is being collected into must not go away; a provider that never answers keeps its query.
      if (collecting) void collecting.then(() => PdhCloseQuery(query));
      else PdhCloseQuery(query);
    },
  };
}

/** Names of pdhmsg.h for what is met in practice; the number for the rest. */
const statusNames: Readonly<Record<number, string>> = {
  3221228472: 'there is no such set of counters',
  3221228473: 'there is no such counter',
  2147485649: 'there is no such instance',
  3221228480: 'the path is not one of a counter',
};

const describe = (status: number): string => statusNames[status] ?? `PDH 0x${(status >>> 0).toString(16)}`;
