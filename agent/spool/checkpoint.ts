import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { syncName } from '../../durable/atomic-write.ts';
import type { SourceCounts } from './frame.ts';
import type { Bookmark } from './segment.ts';

/** What must outlive the segments of a stream. */
export interface StreamCheckpoint {
  /** No sequence above this was ever used; below it some may have been skipped. */
  reserved: number;
  /** Highest number of a batch with records that was on disk. Segments that are there may know a higher one. */
  lastFilled: number;
  /** Every batch up to this was acknowledged or given up. */
  acknowledged: number;
  droppedBatches: number;
  droppedRecords: number;
  damagedBatches: number;
  rejectedBatches: number;
  rejectedRecords: number;
  /** What was dropped, by source. */
  droppedBySource: SourceCounts;
  /** Of segments that are gone. A key that was forgotten stays here as null while an older segment has a position. */
  bookmarks: Record<string, Bookmark>;
}

export interface CheckpointState {
  epoch: string;
  streams: Record<string, StreamCheckpoint>;
}

export interface Checkpoint {
  /** Saves what `compose` returns at the moment of writing; resolves after fdatasync. Calls are merged. */
  save(): Promise<void>;
  close(): Promise<void>;
}

const slotHeaderBytes = 20;
const minSlotBytes = 16 * 1024;
const magic = 0x53584332;

/**
 * Opens the checkpoint: one file with two slots that are written in turn, in place.
 *
 * In place, because a checkpoint must also be possible on a full disk: removing a segment, which is what makes room,
 * needs the segment's bookmarks to be saved first. A torn write leaves the other slot, and nothing that depends on
 * a checkpoint is done before its fdatasync.
 *
 * `stale` says that only one slot was whole where two should be: the newest state may be one generation behind.
 */
export async function openCheckpoint(
  path: string,
  compose: () => CheckpointState,
): Promise<{ checkpoint: Checkpoint; state: CheckpointState | undefined; stale: boolean }> {
  const found = await readSlots(path);
  let generation = found?.generation ?? 0;
  let slotBytes = found?.slotBytes ?? 0;
  let handle: FileHandle | undefined = found && (await open(path, 'r+'));
  let rewrite = found?.stale ?? true;

  async function write(): Promise<void> {
    const json = Buffer.from(JSON.stringify(compose()));
    const needed = slotHeaderBytes + json.length;
    if (handle === undefined || rewrite || needed > slotBytes) {
      let size = Math.max(slotBytes, minSlotBytes);
      while (size < needed * 1.5) size *= 2;
      try {
        handle = await replaceFile(path, handle, slot(generation + 1, json, size), size);
        slotBytes = size;
        generation += 1;
        rewrite = false;
        return;
      } catch (error) {
        if (slotBytes === 0) throw error;
        // The old file is still there, closed or not.
        await handle?.close();
        handle = undefined;
        handle = await open(path, 'r+');
        // No room for a new file; in place it may still fit.
        if (needed > slotBytes) throw error;
      }
    }
    const bytes = slot(generation + 1, json, needed);
    const at = ((generation + 1) % 2) * slotBytes;
    for (let done = 0; done < bytes.length; ) {
      done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
    }
    await handle.datasync();
    generation += 1;
  }

  let running: Promise<void> | undefined;
  let following: Promise<void> | undefined;
  const save = (): Promise<void> => {
    if (running === undefined) {
      running = write().finally(() => {
        running = undefined;
      });
      return running;
    }
    // The one under way may have composed its state before this call: one more follows for all who ask meanwhile.
    following ??= running
      .catch(() => undefined)
      .then(() => {
        following = undefined;
        return save();
      });
    return following;
  };

  return {
    state: found?.state,
    stale: found?.stale ?? false,
    checkpoint: {
      save,
      close: async () => {
        await running?.catch(() => undefined);
        await handle?.close();
        handle = undefined;
      },
    },
  };
}

function slot(generation: number, json: Buffer, size: number): Buffer {
  const out = Buffer.alloc(size);
  out.writeUInt32LE(magic, 0);
  out.writeUInt32LE(json.length, 4);
  out.writeBigUInt64LE(BigInt(generation), 8);
  json.copy(out, slotHeaderBytes);
  out.writeUInt32LE(crc32(json, crc32(out.subarray(0, 16))), 16);
  return out;
}

/** Writes a new file with both slots' space allocated and puts it in the old one's place. */
async function replaceFile(
  path: string,
  old: FileHandle | undefined,
  first: Buffer,
  size: number,
): Promise<FileHandle> {
  const partial = `${path}.partial`;
  const generation = Number(first.readBigUInt64LE(8));
  const content = Buffer.alloc(size * 2);
  // Both slots carry the state: an empty one would look like a lost write at the next start.
  first.copy(content, 0);
  first.copy(content, size);
  const handle = await open(partial, 'w+', 0o600);
  try {
    for (let done = 0; done < content.length; ) {
      done += (await handle.write(content, done, content.length - done, done)).bytesWritten;
    }
    await handle.sync();
    // Windows replaces no file that is open.
    await old?.close();
    await rename(partial, path);
    syncName(path);
  } catch (error) {
    await handle.close();
    await rm(partial, { force: true });
    throw new Error(`cannot write checkpoint generation ${generation} to ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return handle;
}

async function readSlots(
  path: string,
): Promise<{ state: CheckpointState; generation: number; slotBytes: number; stale: boolean } | undefined> {
  let content: Buffer;
  try {
    const handle = await open(path, 'r');
    try {
      content = await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const slotBytes = content.length / 2;
  const slots = [content.subarray(0, slotBytes), content.subarray(slotBytes)].map(readSlot);
  const [a, b] = slots;
  const newest = a && b ? (a.generation > b.generation ? a : b) : (a ?? b);
  return newest && { ...newest, slotBytes, stale: !(a && b) };
}

function readSlot(bytes: Buffer): { state: CheckpointState; generation: number } | undefined {
  if (bytes.length < slotHeaderBytes || bytes.readUInt32LE(0) !== magic) return undefined;
  const length = bytes.readUInt32LE(4);
  const json = bytes.subarray(slotHeaderBytes, slotHeaderBytes + length);
  if (json.length !== length || crc32(json, crc32(bytes.subarray(0, 16))) !== bytes.readUInt32LE(16)) return undefined;
  return {
    state: JSON.parse(json.toString('utf8')) as CheckpointState,
    generation: Number(bytes.readBigUInt64LE(8)),
  };
}
