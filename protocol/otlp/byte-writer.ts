/**
 * Grows as needed and is used again after `reset`: what is written once per log line must not make garbage.
 * The four operations are those of the Protobuf wire format that log records need.
 */
export class ByteWriter {
  buffer: Buffer;
  length = 0;

  /** Begins with a buffer of this size, or with this one. */
  constructor(initial: number | Buffer) {
    this.buffer = typeof initial === 'number' ? Buffer.allocUnsafeSlow(initial) : initial;
  }

  reset(): void {
    this.length = 0;
  }

  written(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  /** Makes sure that `bytes` more can be written without a check. */
  reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.buffer.length) return;
    let size = this.buffer.length * 2;
    while (size < needed) size *= 2;
    const grown = Buffer.allocUnsafeSlow(size);
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }

  /** Needs five bytes of reserve. */
  varint(value: number): void {
    const { buffer } = this;
    let at = this.length;
    while (value > 127) {
      buffer[at++] = (value & 127) | 128;
      value >>>= 7;
    }
    buffer[at++] = value;
    this.length = at;
  }

  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Like `bytes`, where room has been reserved. */
  copy(bytes: Uint8Array): void {
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** The same for a dozen bytes, of which a call of `set` would cost more than it copies. */
  few(bytes: Uint8Array): void {
    const { buffer, length } = this;
    for (let at = 0; at < bytes.length; at += 1) buffer[length + at] = bytes[at] as number;
    this.length = length + bytes.length;
  }

  /** A string with its length before it. */
  text(text: string): void {
    // Three bytes are the most that UTF-8 needs per UTF-16 unit.
    this.reserve(text.length * 3 + 5);
    const guess = varintBytes(text.length);
    const start = this.length;
    const written = this.buffer.write(text, start + guess, 'utf8');
    this.length = start + guess + written;
    this.closeLength(start, guess);
  }

  /** Writes the number of bytes behind a gap of `gap` bytes into the gap, which is widened or narrowed to fit. */
  closeLength(gapStart: number, gap: number): void {
    const end = this.length;
    const size = end - gapStart - gap;
    const needed = varintBytes(size);
    if (needed !== gap) {
      this.reserve(5);
      this.buffer.copyWithin(gapStart + needed, gapStart + gap, end);
    }
    this.length = gapStart;
    this.varint(size);
    this.length = gapStart + needed + size;
  }
}

/** Bytes that a varint below 2^35 takes. */
export function varintBytes(value: number): number {
  if (value < 1 << 7) return 1;
  if (value < 1 << 14) return 2;
  if (value < 1 << 21) return 3;
  return value < 1 << 28 ? 4 : 5;
}
