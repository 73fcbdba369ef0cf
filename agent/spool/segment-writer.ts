import { type FileHandle, open, truncate, unlink } from 'node:fs/promises';
import { encodeSegmentLabel, newSegment, type Segment, segmentPath } from './segment.ts';
import type { StreamOwner } from './stream.ts';
import { writeAll } from './write-all.ts';

/**
 * The file at the end of a stream that is being written: opened, appended to, ended. Adds to and takes from the stream's
 * list of segments.
 */
export class SegmentWriter {
  readonly #stream: string;
  readonly #segments: Segment[];
  readonly #owner: StreamOwner;
  #active: { segment: Segment; file: FileHandle } | undefined;

  constructor(stream: string, segments: Segment[], owner: StreamOwner) {
    this.#stream = stream;
    this.#segments = segments;
    this.#owner = owner;
  }

  /** What is being written now. */
  get segment(): Segment | undefined {
    return this.#active?.segment;
  }

  /**
   * Appends frames of so many bytes together, in a new segment when this one is full; resolves after fdatasync with the
   * segment, whose figures are the caller's to move on. After a rejection `abandon` is due.
   */
  async append(parts: Uint8Array[], bytes: number, firstSequence: number): Promise<Segment> {
    if (this.#active && this.#active.segment.bytes + bytes > this.#owner.segmentBytes) await this.seal();
    this.#active ??= await this.#open(firstSequence);
    const { segment, file } = this.#active;
    await writeAll(file, parts, segment.bytes);
    await file.datasync();
    return segment;
  }

  /** Ends the segment that is being written. */
  async seal(): Promise<void> {
    const active = this.#active;
    this.#active = undefined;
    if (active === undefined) return;
    active.segment.sealed = true;
    await active.file.close();
  }

  /** After a failed write the tail is unknown: it is cut, and the next try begins a new segment. */
  async abandon(): Promise<void> {
    const active = this.#active;
    this.#active = undefined;
    if (active === undefined) return;
    const { segment, file } = active;
    segment.sealed = true;
    await file.close().catch(() => undefined);
    try {
      if (segment.lastSequence < segment.firstSequence) {
        this.#segments.splice(this.#segments.indexOf(segment), 1);
        segment.removed = true;
        await unlink(segment.path);
      } else {
        await truncate(segment.path, segment.bytes);
      }
    } catch (error) {
      this.#owner.log.warn({ err: error, segment: segment.path }, 'cannot cut a spool segment after a failed write');
    }
  }

  async #open(firstSequence: number): Promise<{ segment: Segment; file: FileHandle }> {
    const { folder, epoch } = this.#owner;
    const path = segmentPath(folder, this.#stream, firstSequence);
    const label = { stream: this.#stream, epoch, firstSequence, createdUnixMs: this.#owner.nowMs() };
    // An older file of this name holds nothing that was ever visible: its first sequence is only now being written.
    const file = await open(path, 'w', 0o600);
    try {
      const head = encodeSegmentLabel(label);
      await writeAll(file, [head], 0);
      await this.#owner.syncFolder();
      const segment = newSegment(label, path, head.length);
      this.#segments.push(segment);
      return { segment, file };
    } catch (error) {
      await file.close();
      await unlink(path).catch(() => undefined);
      throw error;
    }
  }
}
