import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../durable/atomic-write.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Log } from '../../logging/log.ts';
import type { Signal } from '../../protocol/headers.ts';
import { emptyOutline, joinOutlines, type Outline } from '../store/outline.ts';
import { journalFileName } from './file-name.ts';
import type { ClosedJournalFile } from './journal-file.ts';
import { positionKey, type StreamPosition } from './sequences.ts';

export interface JournalWriter {
  /** Resolves after fdatasync; rejects with nothing of the entry left in the file. */
  append(entry: {
    pieces: Buffer[];
    records: number;
    position: StreamPosition | null;
    outline: Outline;
  }): Promise<void>;
  /** Waits for what was appended and hands over the open file. */
  close(): Promise<void>;
}

interface WriterCapabilities {
  folder: string;
  signal: Signal;
  nextNumber(): bigint;
  onClosed(file: ClosedJournalFile): void;
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

interface OpenFile {
  handle: FileHandle;
  name: string;
  path: string;
  number: bigint;
  /** Acknowledged bytes; whatever lies behind them is cut. */
  bytes: number;
  records: number;
  positions: Map<string, StreamPosition>;
  outline: Outline;
}

/** Entries of one group go out in one write and one fdatasync; more than this waits for the next group. */
const groupBytes = 16 * 1024 * 1024;

/**
 * Appends entries to the journal files of one signal with group commit: everything that arrives while a write is on its
 * way shares the next write and fdatasync.
 */
export function createJournalWriter(
  capabilities: WriterCapabilities,
  options: { closeAfterMs: number; closeAfterBytes: number },
): JournalWriter {
  const { folder, signal, log } = capabilities;
  const waiting: Waiting[] = [];
  let file: OpenFile | undefined;
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
      if (closeDue) await closeFile();
      const group = takeGroup();
      if (group.length === 0) continue;
      try {
        await commit(group);
        for (const entry of group) entry.resolve();
      } catch (error) {
        const failure = explain(error);
        for (const entry of group) entry.reject(failure);
      }
      if (file && file.bytes >= options.closeAfterBytes) await closeFile();
    }
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
      await target.handle.datasync();
      target.bytes = end;
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

  async function openFile(): Promise<OpenFile> {
    const number = capabilities.nextNumber();
    const name = journalFileName(signal, number);
    const path = join(folder, name);
    const handle = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      // The name must survive a power cut before anything in the file is acknowledged.
      syncFolder(folder);
    } catch (error) {
      await handle.close().catch(() => {});
      await unlink(path).catch(() => {});
      throw error;
    }
    timer = setTimeout(() => {
      closeDue = true;
      run();
    }, options.closeAfterMs);
    timer.unref();
    return { handle, name, path, number, bytes: 0, records: 0, positions: new Map(), outline: emptyOutline };
  }

  /** Cuts what was not acknowledged and goes on with a new file: after a failed fsync this one's tail is not trusted. */
  async function giveUp(target: OpenFile): Promise<void> {
    try {
      await target.handle.truncate(target.bytes);
      await target.handle.datasync();
    } catch (error) {
      log.error({ err: error, file: target.name }, 'cannot cut the failed tail of a journal file; its scan will');
    }
    await closeFile();
  }

  async function closeFile(): Promise<void> {
    closeDue = false;
    clearTimeout(timer);
    const closing = file;
    file = undefined;
    if (!closing) return;
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
    async close() {
      closeDue = true;
      do await run();
      while (turn || waiting.length > 0 || file);
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
