import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { decodeFrameHeader, decodeNotes, type FrameHeader, frameBytes, frameHeaderBytes, frameMagic } from './frame.ts';
import {
  decodeSegmentLabel,
  newSegment,
  noteFrame,
  parseSegmentName,
  type Segment,
  segmentLabelReach,
} from './segment.ts';

const windowBytes = 64 * 1024;
/** Shorter than any label with a batch behind it. */
const stillbornBytes = 160;

/** Reads `length` bytes at `at`, fewer only at the end of the file; into `into` when it is given and long enough. */
export async function readAt(file: FileHandle, at: number, length: number, into?: Buffer): Promise<Buffer> {
  const out = into && into.length >= length ? into.subarray(0, length) : Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(out, done, length - done, at + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done === length ? out : out.subarray(0, done);
}

/**
 * Finds the next whole frame header at or after `from` that lies before `until`. Only used behind damage, where the
 * lengths cannot be trusted.
 */
export async function findFrame(
  file: FileHandle,
  from: number,
  until: number,
): Promise<{ at: number; header: FrameHeader } | undefined> {
  for (let start = from; start + frameHeaderBytes <= until; ) {
    const bytes = await readAt(file, start, Math.min(windowBytes, until - start));
    for (let hit = bytes.indexOf(frameMagic); hit >= 0; hit = bytes.indexOf(frameMagic, hit + 1)) {
      const header = decodeFrameHeader(bytes, hit);
      if (header && start + hit + frameBytes(header) <= until) return { at: start + hit, header };
    }
    if (start + bytes.length >= until) return undefined;
    start += Math.max(1, bytes.length - frameHeaderBytes + 1);
  }
  return undefined;
}

/**
 * Learns about a segment left by an earlier run: what waits in it, its notes, where its last whole frame ends.
 *
 * Walks headers; payloads are checked when they are sent, except in the stream's last segment (`last`), whose tail may
 * be torn. Bytes behind the last whole frame are reported as `tornBytes`; the segment's `bytes` exclude them.
 * A damaged label costs nothing when `epoch`, the folder's own, is known: a folder gives each number once, whatever the
 * epoch. `stillborn`: the process was killed before it had written the label, so nothing was ever promised. Returns
 * undefined when neither label nor any frame can be read.
 */
export async function scanSegment(
  path: string,
  name: string,
  options: { acknowledged: number; last: boolean; epoch: string | undefined },
): Promise<{ segment: Segment; tornBytes: number } | 'stillborn' | undefined> {
  const named = parseSegmentName(name);
  if (named === undefined) return undefined;
  const file = await open(path, 'r');
  try {
    const { size, mtimeMs } = await file.stat();
    let start = decodeSegmentLabel(await readAt(file, 0, Math.min(size, segmentLabelReach)));
    if (start === undefined) {
      if (options.last && size < stillbornBytes) return 'stillborn';
      const first = await findFrame(file, 0, size);
      if (first === undefined || options.epoch === undefined) return undefined;
      const label = { ...named, epoch: options.epoch, createdUnixMs: mtimeMs };
      start = { label, firstFrameAt: first.at };
    }
    const segment = newSegment(start.label, path, start.firstFrameAt);
    segment.sealed = true;
    for (let at = start.firstFrameAt; at < size; ) {
      let window = await readAt(file, at, Math.min(windowBytes, size - at));
      let header = decodeFrameHeader(window);
      if (header === undefined || at + frameBytes(header) > size) {
        const next = await findFrame(file, at + 1, size);
        if (next === undefined) break;
        ({ at, header } = next);
        window = await readAt(file, at, Math.min(windowBytes, size - at));
      }
      const notesEnd = frameHeaderBytes + header.notesBytes;
      const notesBytes =
        notesEnd <= window.length
          ? window.subarray(frameHeaderBytes, notesEnd)
          : await readAt(file, at + frameHeaderBytes, header.notesBytes);
      const end = at + frameBytes(header);
      const whole = !options.last || (await payloadIsWhole(file, at, header));
      if (!whole && end >= size) break;
      const waits = header.sequence > options.acknowledged;
      const notes = decodeNotes(header, notesBytes);
      if (notes) noteFrame(segment, notes, waits);
      segment.lastSequence = Math.max(segment.lastSequence, header.sequence);
      if (header.records > 0) segment.lastFilled = Math.max(segment.lastFilled, header.sequence);
      if (waits) {
        segment.waitingBatches += 1;
        segment.waitingRecords += header.records;
        segment.waitingBytes += header.payloadBytes;
      }
      segment.bytes = end;
      at = end;
    }
    return { segment, tornBytes: size - segment.bytes };
  } finally {
    await file.close();
  }
}

async function payloadIsWhole(file: FileHandle, at: number, header: FrameHeader): Promise<boolean> {
  const payload = await readAt(file, at + frameHeaderBytes + header.notesBytes, header.payloadBytes);
  return payload.length === header.payloadBytes && crc32(payload) === header.payloadCrc32;
}
