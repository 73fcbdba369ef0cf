import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import {
  decodeFrameHeader,
  decodeNotes,
  type FrameHeader,
  type FrameNotes,
  frameBytes,
  frameHeaderBytes,
} from './frame.ts';
import { decodeSegmentLabel, type SegmentLabel, segmentLabelReach } from './segment.ts';
import { findFrame, readAt } from './segment-scan.ts';

/** One whole batch of a segment file. */
export interface SegmentFrame {
  header: FrameHeader;
  /** Undefined when they are damaged; the payload is not. */
  notes: FrameNotes | undefined;
  payload: Buffer;
  /** Where it begins in the file. */
  at: number;
}

/** What a pass over a segment file has seen. */
export interface SegmentReading {
  label: SegmentLabel | undefined;
  /** Batches, or places between batches, that do not read whole. */
  damaged: number;
}

/**
 * Gives the batches of a segment file in their order, whether or not they were acknowledged, with memory for one. Nobody
 * else needs to hold still: of a file that is being written it ends at the last whole batch. What is damaged is passed
 * over and counted in `reading`. `range`: only the batches that begin there; `from` is where one does.
 */
export async function* segmentFrames(
  path: string,
  reading: SegmentReading = { label: undefined, damaged: 0 },
  range: { from: number; through: number } = { from: 0, through: Number.POSITIVE_INFINITY },
): AsyncGenerator<SegmentFrame> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = decodeSegmentLabel(await readAt(file, 0, Math.min(size, segmentLabelReach)));
    reading.label = start?.label;
    if (start === undefined && size > 0) reading.damaged += 1;
    for (let at = Math.max(range.from, start?.firstFrameAt ?? 0); at < size && at <= range.through; ) {
      let header = decodeFrameHeader(await readAt(file, at, Math.min(frameHeaderBytes, size - at)));
      if (header === undefined || at + frameBytes(header) > size) {
        const next = await findFrame(file, at + 1, size);
        if (next === undefined) return;
        reading.damaged += 1;
        ({ at, header } = next);
      }
      const bytes = await readAt(file, at + frameHeaderBytes, header.notesBytes + header.payloadBytes);
      const begin = at;
      at += frameBytes(header);
      const payload = bytes.subarray(header.notesBytes);
      if (payload.length === header.payloadBytes && crc32(payload) === header.payloadCrc32) {
        yield { header, notes: decodeNotes(header, bytes.subarray(0, header.notesBytes)), payload, at: begin };
      } else if (at < size) reading.damaged += 1;
    }
  } finally {
    await file.close();
  }
}
