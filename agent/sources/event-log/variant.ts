import type { EventValue } from './event-log-api.ts';

/** EVT_VARIANT_TYPE of winevt.h, as far as events use it. */
const types = {
  null: 0,
  string: 1,
  ansiString: 2,
  sByte: 3,
  byte: 4,
  int16: 5,
  uint16: 6,
  int32: 7,
  uint32: 8,
  int64: 9,
  uint64: 10,
  single: 11,
  double: 12,
  boolean: 13,
  binary: 14,
  guid: 15,
  sizeT: 16,
  fileTime: 17,
  sysTime: 18,
  sid: 19,
  hexInt32: 20,
  hexInt64: 21,
} as const;
const arrayFlag = 0x80;
const variantBytes = 16;
/** An attribute is not the place for a memory dump. */
const maxBinaryBytes = 1024;
/** Between 1601, where FILETIME begins, and 1970. */
const epochSeconds = 11_644_473_600;

/**
 * Reads the EVT_VARIANTs that EvtRender has put at the start of a buffer. What they point to lies in the same buffer:
 * `address` is where that buffer lies in memory. A pointer that leads elsewhere gives undefined.
 */
export function createVariantReader(memory: ArrayBuffer, address: bigint) {
  const bytes = Buffer.from(memory);
  const units = new Uint16Array(memory);
  const base = Number(address & 0xffff_ffffn);

  /** Offset in the buffer that the variant at `at` points to. */
  function target(at: number): number | undefined {
    const offset = (bytes.readUInt32LE(at) - base) >>> 0;
    return offset < bytes.length ? offset : undefined;
  }

  function wideText(offset: number): string {
    const end = units.indexOf(0, offset >> 1);
    return bytes.toString('utf16le', offset, end < 0 ? bytes.length : end * 2);
  }

  function guidText(offset: number): string {
    const hex = (from: number, count: number) => bytes.toString('hex', offset + from, offset + from + count);
    const little = (from: number, size: number) => bytes.readUIntLE(offset + from, size).toString(16);
    const head = `${little(0, 4).padStart(8, '0')}-${little(4, 2).padStart(4, '0')}-${little(6, 2).padStart(4, '0')}`;
    return `${head}-${hex(8, 2)}-${hex(10, 6)}`;
  }

  function sidText(offset: number): string {
    const count = Math.min(bytes[offset + 1] ?? 0, 15);
    const authority = bytes.readUIntBE(offset + 2, 6);
    const parts = Array.from({ length: count }, (_, index) => bytes.readUInt32LE(offset + 8 + 4 * index));
    return ['S', bytes[offset], authority, ...parts].join('-');
  }

  function scalar(type: number, at: number, count: number): EventValue | undefined {
    switch (type) {
      case types.sByte:
        return bytes.readInt8(at);
      case types.byte:
        return bytes.readUInt8(at);
      case types.int16:
        return bytes.readInt16LE(at);
      case types.uint16:
        return bytes.readUInt16LE(at);
      case types.int32:
        return bytes.readInt32LE(at);
      case types.uint32:
        return bytes.readUInt32LE(at);
      case types.int64:
        return exact(bytes.readBigInt64LE(at));
      case types.uint64:
      case types.sizeT:
        return exact(bytes.readBigUInt64LE(at));
      case types.single:
        return bytes.readFloatLE(at);
      case types.double:
        return bytes.readDoubleLE(at);
      case types.boolean:
        return bytes.readUInt32LE(at) !== 0;
      case types.fileTime:
        return isoTime(bytes.readBigUInt64LE(at));
      case types.hexInt32:
        return `0x${bytes.readUInt32LE(at).toString(16)}`;
      case types.hexInt64:
        return `0x${bytes.readBigUInt64LE(at).toString(16)}`;
    }
    const offset = target(at);
    return offset === undefined ? undefined : pointed(type, offset, count);
  }

  function pointed(type: number, offset: number, count: number): EventValue | undefined {
    switch (type) {
      case types.string:
        return wideText(offset);
      case types.ansiString: {
        const end = bytes.indexOf(0, offset);
        return bytes.toString('latin1', offset, end < 0 ? bytes.length : end);
      }
      case types.guid:
        return guidText(offset);
      case types.sid:
        return sidText(offset);
      case types.binary:
        return bytes.toString('hex', offset, offset + Math.min(count, maxBinaryBytes));
      case types.sysTime: {
        const [year, month, , day, hour, minute, second, ms] = new Uint16Array(memory, offset, 8);
        return new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second, ms)).toISOString();
      }
      default:
        return undefined;
    }
  }

  /** Size of one item of an array, where it is not a pointer. */
  const itemBytes = (type: number): number =>
    type <= types.byte && type >= types.sByte
      ? 1
      : type <= types.uint16 && type >= types.int16
        ? 2
        : wide.has(type)
          ? 8
          : 4;
  const wide = new Set<number>([
    types.string,
    types.ansiString,
    types.int64,
    types.uint64,
    types.double,
    types.sizeT,
    types.fileTime,
    types.hexInt64,
  ]);

  return {
    /** The value for an attribute; arrays as texts joined by commas; undefined when there is none. */
    value(index: number): EventValue | undefined {
      const at = index * variantBytes;
      const count = bytes.readUInt32LE(at + 8);
      const type = bytes.readUInt32LE(at + 12);
      if (type === types.null) return undefined;
      if ((type & arrayFlag) === 0) return scalar(type, at, count);
      const offset = target(at);
      const item = type & ~arrayFlag;
      if (offset === undefined) return undefined;
      const inside = Math.min(count, Math.floor((bytes.length - offset) / itemBytes(item)));
      const items = Array.from({ length: inside }, (_, nth) => scalar(item, offset + nth * itemBytes(item), 0) ?? '');
      return items.join(', ');
    },
    /** FILETIME as it is: digits that tell one from another. */
    ticks: (index: number): string => String(bytes.readBigUInt64LE(index * variantBytes)),
    /** FILETIME as seconds since 1970 and nanoseconds. */
    time(index: number): [number, number] {
      const ticks = bytes.readBigUInt64LE(index * variantBytes);
      return [Number(ticks / 10_000_000n) - epochSeconds, Number(ticks % 10_000_000n) * 100];
    },
  };
}

/** A number while it is exact, else its digits. */
const exact = (value: bigint): number | string =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : String(value);

function isoTime(ticks: bigint): string {
  const time = new Date((Number(ticks / 10_000_000n) - epochSeconds) * 1000);
  const rest = String(ticks % 10_000_000n).padStart(7, '0');
  return Number.isNaN(time.getTime()) ? String(ticks) : time.toISOString().replace(/\d{3}Z$/, `${rest}Z`);
}
