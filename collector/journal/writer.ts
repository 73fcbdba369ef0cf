import { type FileHandle, unlink } from 'node:fs/promises';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Log } from '../../logging/log.ts';
import type { Signal } from '../../protocol/headers.ts';
import { emptyOutline, joinOutlines, type Outline } from '../store/outline.ts';
import type { ClosedJournalFile } from './journal-file.ts';
import { createNextFile, type NewFile, writesThrough } from './next-file.ts';
import { positionKey, type StreamPosition } from './sequences.ts';

export interface JournalWriter {
  /** Resolves when it is on disk; rejects with nothing of the entry left in the file. */
  append(entry: {
    pieces: Buffer[];
    records: number;
    position: StreamPosition | null;
    outline: Outline;
  }): Promise<void>;
  /** Gives back the room that is kept for the next file. */
  makeRoom(): void;
  /** Waits for what was appended and hands over the open file. */
  close(): Promise<void>;
}

interface WriterCapabilities {
  folder: string;
  signal: Signal;
  nextNumber(): bigint;
  onClosed(file: ClosedJournalFile): void;
  /** Whether there is room for a file of this size that may not be needed. */
  mayPrepare(bytes: number): boolean;
  log: Log;
}

interface Waiting {
  pieces: Buffer[];
  bytes: number;
  records: number;
  position: StreamPosition | null;
  outline: Outline;
  resolve(): void;
  reject(error: unknown): void;
}

interface OpenFile extends NewFile {
  /** Acknowledged bytes; whatever lies behind them is cut. */
  bytes: number;
  records: number;
  positions: Map<string, StreamPosition>;
  outline: Outline;
  /** Whether the next file has been asked for. */
  isFollowed: boolean;
}

/** Entries of one group go out in one write that returns when it is on disk; more than this waits for the next group. */
const groupBytes = 16 * 1024 * 1024;

/** A file that has come so far is followed by a prepared one. On a quiet site none is ever worth it. */
const busyShare = 1 / 4;
/** Of what the last file came to: a prepared one holds this, and more is appended. */
const spareShare = 9 / 8;

/**
 * Appends entries to the journal files of one signal with group commit: everything that arrives while a write is on its
 * way shares the next one.
 */
export function createJournalWriter(
  capabilities: WriterCapabilities,
  options: { closeAfterMs: number; closeAfterBytes: number },
): JournalWriter {
  const { signal, log } = capabilities;
  const { closeAfterBytes } = options;
  const waiting: Waiting[] = [];
  const nextFile = createNextFile(capabilities);
  let file: OpenFile | undefined;
  let bytesOfLast = closeAfterBytes;
  /** Closed files are handed over in their order, while entries go into the next one. */
  let handingOver: Promise<void> = Promise.resolve();
  let turn: Promise<void> | undefined;
  let closeDue = false;
  let timer: NodeJS.Timeout | undefined;

  function run(): Promise<void> {
    turn ??= drain().finally(() => {
      turn = undefined;
      if (waiting.length > 0 || closeDue) run();
    });
    return turn;
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0 || closeDue) {
      if (closeDue) closeFile();
      const group = takeGroup();
      if (group.length === 0) continue;
      try {
        await commit(group);
        for (const entry of group) entry.resolve();
      } catch (error) {
        const failure = explain(error);
        for (const entry of group) entry.reject(failure);
      }
      if (file && isFull(file.bytes)) closeFile();
    }
  }

  /** Rather a larger file than entries that wait for the next one to be prepared; twice as large at most. */
  function isFull(bytes: number): boolean {
    return bytes >= closeAfterBytes * (nextFile.isBeingPrepared() ? 2 : 1);
  }

  function takeGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const entry of waiting) {
      if (count > 0 && bytes + entry.bytes > groupBytes) break;
      bytes += entry.bytes;
      count++;
    }
    return waiting.splice(0, count);
  }

  async function commit(group: Waiting[]): Promise<void> {
    file ??= await openFile();
    const target = file;
    try {
      const end = await writeAll(
        target.handle,
        group.flatMap((entry) => entry.pieces),
        target.bytes,
      );
      if (!writesThrough) await target.handle.datasync();
      target.bytes = end;
      if (end >= closeAfterBytes * busyShare) follow(target);
    } catch (error) {
      await giveUp(target);
      throw error;
    }
    for (const { records, position, outline } of group) {
      target.records += records;
      target.outline = joinOutlines(target.outline, outline);
      if (!position) continue;
      const key = positionKey(position);
      if (position.sequence > (target.positions.get(key)?.sequence ?? 0n)) target.positions.set(key, position);
    }
  }

  /** One try a file: what had no room a moment ago has none now. */
  function follow(target: OpenFile): void {
    if (target.isFollowed) return;
    target.isFollowed = true;
    const bytes = Math.round(Math.max(bytesOfLast, target.bytes) * spareShare);
    if (capabilities.mayPrepare(bytes)) nextFile.prepare(bytes);
  }

  async function openFile(): Promise<OpenFile> {
    const fresh = await nextFile.take();
    timer = setTimeout(() => {
      closeDue = true;
      run();
    }, options.closeAfterMs);
    timer.unref();
    return { ...fresh, bytes: 0, records: 0, positions: new Map(), outline: emptyOutline, isFollowed: false };
  }

  /** Cuts what was not acknowledged and goes on with a new file: after a failed fsync this one's tail is not trusted. */
  async function giveUp(target: OpenFile): Promise<void> {
    try {
      await target.handle.truncate(target.bytes);
      await target.handle.datasync();
    } catch (error) {
      log.error({ err: error, file: target.name }, 'cannot cut the failed tail of a journal file; its scan will');
    }
    closeFile();
  }

  function closeFile(): void {
    closeDue = false;
    clearTimeout(timer);
    const closing = file;
    file = undefined;
    if (!closing) return;
    bytesOfLast = Math.min(closing.bytes, closeAfterBytes);
    handingOver = handingOver.then(() => handOver(closing));
  }

  async function handOver(closing: OpenFile): Promise<void> {
    if (closing.preparedBytes > closing.bytes) {
      // Storage reads zeros as empty batches: left in place they would do no harm.
      await closing.handle
        .truncate(closing.bytes)
        .catch((error) => log.error({ err: error, file: closing.name }, 'cannot cut a journal file'));
    }
    await closing.handle.close().catch((error) => log.error({ err: error, file: closing.name }, 'cannot close'));
    if (closing.bytes === 0) {
      await unlink(closing.path).catch(() => {});
      return;
    }
    const { name, path, number, bytes, records, outline } = closing;
    capabilities.onClosed({
      signal,
      number,
      name,
      path,
      bytes,
      records,
      outline,
      positions: [...closing.positions.values()],
      again: false,
    });
  }

  return {
    append({ pieces, records, position, outline }) {
      return new Promise((resolve, reject) => {
        const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
        waiting.push({ pieces, bytes, records, position, outline, resolve, reject });
        run();
      });
    },
    makeRoom: () => void nextFile.discard(),
    async close() {
      closeDue = true;
      do await run();
      while (turn || waiting.length > 0 || file);
      await handingOver;
      await nextFile.discard();
    },
  };
}

async function writeAll(handle: FileHandle, pieces: Buffer[], position: number): Promise<number> {
  let rest = pieces;
  while (rest.length > 0) {
    let { bytesWritten } = await handle.writev(rest, position);
    position += bytesWritten;
    // A short write is how a filling disk announces itself; the next one says ENOSPC.
    const next: Buffer[] = [];
    for (const piece of rest) {
      if (bytesWritten >= piece.length) bytesWritten -= piece.length;
      else {
        next.push(piece.subarray(bytesWritten));
        bytesWritten = 0;
      }
    }
    rest = next;
  }
  return position;
}

function explain(cause: unknown): SextantError {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new SextantError('SX_DISK_FULL', 'the journal cannot grow: no space left', { cause });
  }
  return new SextantError('SX_UNAVAILABLE', `the journal cannot be written: ${(cause as Error).message}`, { cause });
}
