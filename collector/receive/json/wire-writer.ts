import { SextantError } from '../../../errors/sextant-error.ts';

// One request is written at a time, synchronously; the state lies here so that nothing is allocated for each field.
let out: Buffer = Buffer.alloc(0);
let at = 0;
let maxBytes = 0;

const scratch = new DataView(new ArrayBuffer(8));

/** Starts a message of at most `limit` bytes. */
export function startWriting(expectedBytes: number, limit: number): void {
  maxBytes = limit;
  out = Buffer.allocUnsafeSlow(Math.max(64, Math.min(expectedBytes, limit)));
  at = 0;
}

/** What was written; the writer keeps nothing of it. */
export function finishWriting(): Buffer {
  const written = out.subarray(0, at);
  abandonWriting();
  return written;
}

export function abandonWriting(): void {
  out = Buffer.alloc(0);
  at = 0;
}

function reserve(bytes: number): void {
  const needed = at + bytes;
  if (needed <= out.length) return;
  if (needed > maxBytes)
    throw new SextantError('SX_TOO_LARGE', `the request is larger than ${maxBytes} bytes in Protobuf`);
  const larger = Buffer.allocUnsafeSlow(Math.min(maxBytes, Math.max(needed, out.length * 2)));
  larger.set(out.subarray(0, at));
  out = larger;
}

export const position = (): number => at;

/** Takes back what was written since. */
export function rewind(to: number): void {
  at = to;
}

export function putByte(byte: number): void {
  reserve(1);
  out[at++] = byte;
}

/** Below 2^32. */
export function putVarint(value: number): void {
  reserve(5);
  while (value > 127) {
    out[at++] = (value & 127) | 128;
    value >>>= 7;
  }
  out[at++] = value;
}

export function putVarint64(low: number, high: number): void {
  reserve(10);
  while (high > 0 || low > 127) {
    out[at++] = (low & 127) | 128;
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  out[at++] = low;
}

export function putFixed32(value: number): void {
  reserve(4);
  at = out.writeUInt32LE(value, at);
}

export function putFixed64(low: number, high: number): void {
  reserve(8);
  out.writeUInt32LE(low, at);
  at = out.writeUInt32LE(high, at + 4);
}

export function putDouble(value: number): void {
  scratch.setFloat64(0, value, true);
  putFixed64(scratch.getUint32(0, true), scratch.getUint32(4, true));
}

export function putBytes(source: Uint8Array, from: number, to: number): void {
  const length = to - from;
  reserve(length);
  // A call costs more than a few bytes.
  if (length < 24) for (let i = from; i < to; i++) out[at++] = source[i] as number;
  else {
    out.set(source.subarray(from, to), at);
    at += length;
  }
}

/** Leaves room for a length of one byte, which most are; returns what `closeLength` needs. */
export function openLength(): number {
  reserve(1);
  return ++at;
}

/** Writes the length of what came since `openLength`, moving it when the length takes more room. */
export function closeLength(from: number): void {
  const length = at - from;
  if (length < 128) {
    out[from - 1] = length;
    return;
  }
  const more = length < 1 << 14 ? 1 : length < 1 << 21 ? 2 : length < 1 << 28 ? 3 : 4;
  reserve(more);
  out.copyWithin(from + more, from, at);
  const end = at + more;
  at = from - 1;
  putVarint(length);
  at = end;
}
