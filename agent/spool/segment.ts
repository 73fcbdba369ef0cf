import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { FrameNotes, SourceCounts } from './frame.ts';

/** What a segment file says about itself, in front of its frames. */
export interface SegmentLabel {
  stream: string;
  epoch: string;
  firstSequence: number;
  createdUnixMs: number;
}

/** A key's position and the ordinal of the batch that carried it; null when the key is gone. */
export type Bookmark = readonly [position: string | null, ordinal: number];

/** One segment file and what is known of it without reading it again. */
export interface Segment extends SegmentLabel {
  path: string;
  /** Where the first frame begins. */
  firstFrameAt: number;
  /** Length that is known to be on disk; nothing beyond it is ever read. */
  bytes: number;
  lastSequence: number;
  /** Highest number among its frames with records; 0 without. */
  lastFilled: number;
  /** Batches and records that the collector has not acknowledged. */
  waitingBatches: number;
  waitingRecords: number;
  /** Payload bytes of those batches. */
  waitingBytes: number;
  /** Last position per key among its frames, with the ordinal of the batch that carried it. */
  bookmarks: Record<string, Bookmark>;
  /** Lowest ordinal among its frames; infinite without frames. */
  firstOrdinal: number;
  /** Highest ordinal; 0 without frames. */
  lastOrdinal: number;
  /** Records by source among the frames that waited when they were written or scanned. */
  sources: SourceCounts;
  /** Some of those frames were acknowledged since: `sources` says too much. */
  partlyAcknowledged: boolean;
  /** Nothing will be appended any more. */
  sealed: boolean;
  /** One of its batches is on the wire: it must not be dropped now. */
  sending: boolean;
  /** Its file is gone. */
  removed: boolean;
}

/** A segment without frames yet, open for writing. */
export const newSegment = (label: SegmentLabel, path: string, firstFrameAt: number): Segment => ({
  ...label,
  path,
  firstFrameAt,
  bytes: firstFrameAt,
  lastSequence: label.firstSequence - 1,
  lastFilled: 0,
  waitingBatches: 0,
  waitingRecords: 0,
  waitingBytes: 0,
  bookmarks: {},
  firstOrdinal: Number.POSITIVE_INFINITY,
  lastOrdinal: 0,
  sources: {},
  partlyAcknowledged: false,
  sealed: false,
  sending: false,
  removed: false,
});

/** Adds what a frame's notes say to what is known of its segment. */
export function noteFrame(segment: Segment, notes: FrameNotes, waits: boolean): void {
  segment.firstOrdinal = Math.min(segment.firstOrdinal, notes.ordinal);
  segment.lastOrdinal = Math.max(segment.lastOrdinal, notes.ordinal);
  for (const [key, position] of Object.entries(notes.bookmarks)) segment.bookmarks[key] = [position, notes.ordinal];
  if (!waits) return;
  for (const [source, records] of Object.entries(notes.sources)) {
    segment.sources[source] = (segment.sources[source] ?? 0) + records;
  }
}

const magic = Buffer.from('SXSPOOL3', 'latin1');
const prefixBytes = magic.length + 8;
/** A label is a few names and numbers; a longer one is damage. */
const maxLabelBytes = 4096;
/** Bytes from a segment's start that surely hold its label. */
export const segmentLabelReach = prefixBytes + maxLabelBytes;

const namePattern = /^([a-z0-9-]{1,32})-(\d{16})\.segment$/;

/** `<stream>-<first sequence>.segment`; names sort as the stream runs. */
export const segmentPath = (folder: string, stream: string, firstSequence: number): string =>
  join(folder, `${stream}-${String(firstSequence).padStart(16, '0')}.segment`);

/** Stream and first sequence that a file name tells; undefined when it is no segment's. */
export function parseSegmentName(name: string): { stream: string; firstSequence: number } | undefined {
  const match = namePattern.exec(name);
  return match?.[1] && match[2] ? { stream: match[1], firstSequence: Number(match[2]) } : undefined;
}

/** The first bytes of a segment file: magic with version, length, CRC-32, then the label as JSON. */
export function encodeSegmentLabel(label: SegmentLabel): Buffer {
  const { stream, epoch, firstSequence, createdUnixMs } = label;
  const json = Buffer.from(JSON.stringify({ stream, epoch, firstSequence, createdUnixMs }));
  const out = Buffer.alloc(prefixBytes + json.length);
  magic.copy(out);
  out.writeUInt32LE(json.length, magic.length);
  out.writeUInt32LE(crc32(json), magic.length + 4);
  json.copy(out, prefixBytes);
  return out;
}

/** Reads the label and where the frames begin; undefined when the bytes are not a whole label. */
export function decodeSegmentLabel(bytes: Buffer): { label: SegmentLabel; firstFrameAt: number } | undefined {
  if (bytes.length < prefixBytes || bytes.compare(magic, 0, magic.length, 0, magic.length) !== 0) return undefined;
  const length = bytes.readUInt32LE(magic.length);
  const json = bytes.subarray(prefixBytes, prefixBytes + length);
  if (length > maxLabelBytes || json.length !== length || crc32(json) !== bytes.readUInt32LE(magic.length + 4)) {
    return undefined;
  }
  return { label: JSON.parse(json.toString('utf8')) as SegmentLabel, firstFrameAt: prefixBytes + length };
}
