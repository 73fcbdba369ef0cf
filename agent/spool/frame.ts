import { crc32 } from 'node:zlib';

/**
 * One batch in a segment: a fixed header, the notes as JSON, the payload.
 *
 * Header, little endian: magic u32, payload bytes u32, notes bytes u32, records u32, sequence u64, numbers without
 * records in front of it u32, CRC-32 of the payload u32, CRC-32 of the notes u32, CRC-32 of the 36 bytes before it u32.
 * The header has a checksum of its own, so that a damaged payload costs exactly its own batch and a damaged header is
 * found without trusting its lengths.
 */
export interface FrameHeader {
  payloadBytes: number;
  notesBytes: number;
  records: number;
  sequence: number;
  /** So many numbers right before this one were given to no batch with records. */
  emptyBefore: number;
  payloadCrc32: number;
  notesCrc32: number;
}

/** Position by key; null says that the key is gone. */
export type Bookmarks = Record<string, string | null>;

/** Records by the source that they come from. */
export type SourceCounts = Record<string, number>;

/** What a batch says beside its payload. */
export interface FrameNotes {
  /** Grows with every batch of the spool, whatever its stream: the highest one knows a key's position. */
  ordinal: number;
  bookmarks: Bookmarks;
  sources: SourceCounts;
}

export const frameHeaderBytes = 40;
/** `SXFR`, what a reader looks for after damage. */
export const frameMagic = Buffer.from('SXFR', 'latin1');
/** No frame is longer than this; a length above it is damage. Batches are cut far below, at agent.batch.maxBytes. */
export const maxFrameBytes = 128 * 1024 * 1024;

/** Header and notes of a frame, ready to be written before its payload. */
export function encodeFrameStart(
  { sequence, emptyBefore, records }: Pick<FrameHeader, 'sequence' | 'emptyBefore' | 'records'>,
  payload: Uint8Array,
  notes: FrameNotes,
): { header: Buffer; notes: Buffer } {
  const marks = Buffer.from(JSON.stringify([notes.ordinal, notes.bookmarks, notes.sources]));
  const header = Buffer.allocUnsafe(frameHeaderBytes);
  frameMagic.copy(header, 0);
  header.writeUInt32LE(payload.length, 4);
  header.writeUInt32LE(marks.length, 8);
  header.writeUInt32LE(records, 12);
  header.writeBigUInt64LE(BigInt(sequence), 16);
  header.writeUInt32LE(emptyBefore, 24);
  header.writeUInt32LE(crc32(payload), 28);
  header.writeUInt32LE(crc32(marks), 32);
  header.writeUInt32LE(crc32(header.subarray(0, 36)), 36);
  return { header, notes: marks };
}

/** Reads a header at `offset`; undefined when it is short or damaged. */
export function decodeFrameHeader(bytes: Buffer, offset = 0): FrameHeader | undefined {
  if (bytes.length < offset + frameHeaderBytes) return undefined;
  if (bytes.compare(frameMagic, 0, 4, offset, offset + 4) !== 0) return undefined;
  if (bytes.readUInt32LE(offset + 36) !== crc32(bytes.subarray(offset, offset + 36))) return undefined;
  return {
    payloadBytes: bytes.readUInt32LE(offset + 4),
    notesBytes: bytes.readUInt32LE(offset + 8),
    records: bytes.readUInt32LE(offset + 12),
    sequence: Number(bytes.readBigUInt64LE(offset + 16)),
    emptyBefore: bytes.readUInt32LE(offset + 24),
    payloadCrc32: bytes.readUInt32LE(offset + 28),
    notesCrc32: bytes.readUInt32LE(offset + 32),
  };
}

/** Bytes of the whole frame. */
export const frameBytes = (header: FrameHeader): number => frameHeaderBytes + header.notesBytes + header.payloadBytes;

/** Reads a frame's notes; undefined when they are damaged. */
export function decodeNotes(header: FrameHeader, bytes: Buffer): FrameNotes | undefined {
  if (bytes.length !== header.notesBytes || crc32(bytes) !== header.notesCrc32) return undefined;
  const [ordinal, bookmarks, sources] = JSON.parse(bytes.toString('utf8')) as [number, Bookmarks, SourceCounts];
  return { ordinal, bookmarks, sources };
}
