import { type BatchMark, checksum, encodeMark, lengthPrefix, markFields } from '../../protocol/batch.ts';

/** One batch in a journal file: length, OTLP bytes as they came, mark. */
export interface JournalEntry {
  /** Offset of the length prefix. */
  start: number;
  /** Offset behind the mark. */
  end: number;
  /** The OTLP bytes, as they came. */
  otlpStart: number;
  otlpEnd: number;
  mark: BatchMark;
}

/** An entry's bytes, in pieces, so that the OTLP bytes need no copy. */
export function encodeEntry(otlp: Buffer, mark: Omit<BatchMark, 'crc32'>): Buffer[] {
  const tail = encodeMark({ ...mark, crc32: checksum(otlp) });
  return [lengthPrefix(otlp.length + tail.length), otlp, tail];
}

const maxLengthBytes = 5;

/** Why no entry can be read at an offset. `incomplete`: it may begin here, but the file ends first. */
export type EntryFault = 'incomplete' | 'malformed' | 'checksum';

/** Reads the entry that begins at `start`, and checks its structure and its CRC. */
export function readEntry(file: Buffer, start: number): JournalEntry | EntryFault {
  const reader = { at: start };
  const length = readVarint(file, reader, file.length);
  if (length === null) return file.length - start < maxLengthBytes ? 'incomplete' : 'malformed';
  if (length > 0xffff_ffffn || length === 0n) return 'malformed';
  const body = reader.at;
  const end = body + Number(length);
  if (end > file.length) return 'incomplete';

  const mark: Partial<BatchMark> = {};
  let otlpEnd = end;
  while (reader.at < end) {
    const fieldStart = reader.at;
    const tag = readVarint(file, reader, end);
    if (tag === null) return 'malformed';
    const field = Number(tag >> 3n);
    if (field >= markFields.node && otlpEnd === end) otlpEnd = fieldStart;
    const wireType = Number(tag & 7n);
    if (wireType === 0) {
      const value = readVarint(file, reader, end);
      if (value === null) return 'malformed';
      if (field === markFields.sequence) mark.sequence = value;
      else if (field === markFields.receivedUnixNano) mark.receivedUnixNano = value;
      else if (field === markFields.emptyBefore) mark.emptyBefore = value;
    } else if (wireType === 2) {
      const size = readVarint(file, reader, end);
      if (size === null || size > BigInt(end - reader.at)) return 'malformed';
      const text = () => file.toString('utf8', reader.at, reader.at + Number(size));
      if (field === markFields.node) mark.node = text();
      else if (field === markFields.stream) mark.stream = text();
      else if (field === markFields.epoch) mark.epoch = text();
      reader.at += Number(size);
    } else if (wireType === 5 && reader.at + 4 <= end) {
      if (field === markFields.crc32) mark.crc32 = file.readUInt32LE(reader.at);
      reader.at += 4;
    } else if (wireType === 1 && reader.at + 8 <= end) {
      reader.at += 8;
    } else {
      return 'malformed';
    }
  }
  if (!isWhole(mark)) return 'malformed';
  if (checksum(file.subarray(body, otlpEnd)) !== mark.crc32) return 'checksum';
  return { start, end, otlpStart: body, otlpEnd, mark };
}

const isWhole = (mark: Partial<BatchMark>): mark is BatchMark =>
  mark.node !== undefined &&
  mark.stream !== undefined &&
  mark.epoch !== undefined &&
  mark.sequence !== undefined &&
  mark.crc32 !== undefined &&
  mark.receivedUnixNano !== undefined;

function readVarint(bytes: Buffer, reader: { at: number }, end: number): bigint | null {
  let low = 0;
  let factor = 1;
  for (let count = 0; count < 10; count++) {
    if (reader.at >= end) return null;
    const byte = bytes[reader.at++] ?? 0;
    // Seven bytes fit a double exactly; the rare longer ones are put together as bigint.
    if (count < 7) {
      low += (byte & 127) * factor;
      factor *= 128;
      if (byte < 128) return BigInt(low);
    } else {
      return readLongVarint(bytes, reader, end, BigInt(low), count, byte);
    }
  }
  return null;
}

function readLongVarint(
  bytes: Buffer,
  reader: { at: number },
  end: number,
  value: bigint,
  count: number,
  byte: number,
): bigint | null {
  for (;;) {
    value |= BigInt(byte & 127) << BigInt(7 * count);
    if (byte < 128) return value;
    if (++count === 10 || reader.at >= end) return null;
    byte = bytes[reader.at++] ?? 0;
  }
}
