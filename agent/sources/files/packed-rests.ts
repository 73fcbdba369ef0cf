import type { FileQuestions } from '../../filesystems/file-questions.ts';
import type { LogPipeline } from '../source.ts';
import { forgetRead } from './alive.ts';
import type { ChunkEnd, ChunkResult, TextFile } from './emit.ts';
import { fingerprint, generationId } from './head.ts';
import { isNothing, type Loss } from './loss.ts';
import { findPacked, openPacked, originalOfPacked, type PackedFile } from './packed.ts';
import { type FilePosition, restKey } from './position.ts';
import { markBytes } from './text-encoding.ts';

export interface PackedRestsOptions {
  logs: LogPipeline;
  questions: FileQuestions;
  host: string;
  filesystemId(dev: bigint): string;
  chunkBytes: number;
  emit(file: TextFile, chunk: Buffer, end: ChunkEnd): ChunkResult;
  onRecords(count: number): void;
  onLoss(path: string, loss: Loss): void;
  nowMs(): number;
}

/**
 * Reads the rest of files that were compressed before their end had been read: while the agent was away, or because
 * nothing of them was open. Their positions stay until all is read, so a crash goes on where it was.
 *
 * One file at a time of each filesystem, apart from the loops that follow files: one that does not answer holds up its own.
 */
export function createPackedRests(options: PackedRestsOptions) {
  const { logs, chunkBytes } = options;
  /** By remote mount; local filesystems have one together, since what takes long there is to unpack. */
  const queues = new Map<string | undefined, Promise<void>>();
  const stopping = new AbortController();
  const { signal } = stopping;

  const ask = <Answer>(path: string, question: () => Promise<Answer>): Promise<Answer> =>
    options.questions.ask(path, question, { inLine: true, isFollowing: true, signal });

  async function* askedText(packed: PackedFile): AsyncGenerator<Buffer> {
    const text = packed.text();
    try {
      for (;;) {
        const { value, done } = await ask(packed.path, () => text.next());
        if (done) return;
        yield value;
      }
    } finally {
      // It ends behind a read that is still open, which at the end of the source is not waited for.
      const ended = text.return(undefined);
      if (signal.aborted) ended.catch(() => undefined);
      else await ended;
    }
  }

  function enqueue(path: string, work: () => Promise<void>): void {
    const mount = options.questions.mounts.of(path);
    const before = queues.get(mount) ?? Promise.resolve();
    const after = before
      .then(() => (signal.aborted ? undefined : work()))
      .catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    queues.set(mount, after);
  }

  /** Reads from the position on; false when the file turns out to be damaged. */
  async function readRest(key: string, position: FilePosition, packed: PackedFile): Promise<boolean> {
    const file: TextFile = { position, head: packed.head };
    let held: Buffer[] = [];
    let heldBytes = 0;
    let passed = 0;

    async function handOut(end: ChunkEnd): Promise<void> {
      const chunk = held.length === 1 && held[0] ? held[0] : Buffer.concat(held);
      const { records, consumed } = options.emit(file, chunk, end);
      logs.mark(key, JSON.stringify(file.position));
      options.onRecords(records);
      held = consumed < chunk.length ? [chunk.subarray(consumed)] : [];
      heldBytes = chunk.length - consumed;
      await logs.ready();
    }

    try {
      for await (const piece of askedText(packed)) {
        if (signal.aborted) return true;
        const skip = Math.min(piece.length, Math.max(0, position.offset - passed));
        passed += piece.length;
        if (skip === piece.length) continue;
        held.push(piece.subarray(skip));
        heldBytes += piece.length - skip;
        if (heldBytes >= chunkBytes) await handOut('more');
      }
      if (heldBytes > 0) await handOut('final');
      return true;
    } catch {
      // What came before the damage is read; a line that it cut is lost with the rest.
      return signal.aborted;
    }
  }

  return {
    /**
     * A followed file or its content is gone. Reads what is left of it from a compressed rotation; without one that is
     * lost. Moves the mark `from` there to one of the rest's own in the same turn: the next file that gets the inode has
     * nothing to do with it.
     */
    takeUp(from: string, position: FilePosition, loss: Loss): void {
      const key = restKey(position);
      // Before the mark, which may end a frame.
      if (from !== key) logs.forget(from);
      logs.mark(key, JSON.stringify({ ...position, seen: position.offset + (loss.bytes ?? 0) }));
      enqueue(position.path, async () => {
        const head = { bytes: position.headBytes, fingerprint: position.fingerprint };
        const packed = await ask(position.path, () => findPacked(position.path, head));
        const whole = packed !== undefined && (await readRest(key, position, packed));
        if (signal.aborted) return;
        if (packed && !whole) options.onLoss(position.path, { bytes: undefined, unwatched: true });
        else if (!packed && !isNothing(loss)) options.onLoss(position.path, loss);
        forgetRead(logs, key, options.nowMs());
      });
    },

    /**
     * Reads a rotation that was made, rotated and compressed while the agent was away, from its beginning: one that
     * was last written after `awaySinceUnixMs` and that no position belongs to.
     */
    takeNew(
      path: string,
      awaySinceUnixMs: number,
      isFollowed: (path: string) => boolean,
      knownHeads: ReadonlySet<string>,
    ): void {
      enqueue(path, async () => {
        const original = originalOfPacked(path, isFollowed);
        const packed = original === undefined ? undefined : await ask(path, () => openPacked(path));
        if (!packed || original === undefined) return;
        const dev = options.filesystemId(packed.dev);
        const ino = String(packed.ino);
        const isKnown = [...knownHeads].some((known) => {
          const [bytes, hash] = known.split(' ');
          return Number(bytes) <= packed.head.length && fingerprint(packed.head.subarray(0, Number(bytes))) === hash;
        });
        if (isKnown || packed.modifiedUnixMs <= awaySinceUnixMs || packed.head.length === 0) return packed.close();
        const position: FilePosition = {
          dev,
          ino,
          generation: 0,
          id: generationId(options.host, dev, ino, 0, packed.head),
          fingerprint: fingerprint(packed.head),
          headBytes: packed.head.length,
          offset: markBytes(packed.head),
          path: original,
        };
        const key = restKey(position);
        logs.mark(key, JSON.stringify(position));
        if (!(await readRest(key, position, packed))) options.onLoss(original, { bytes: undefined, unwatched: true });
        if (!signal.aborted) forgetRead(logs, key, options.nowMs());
      });
    },

    /** Resolves when nothing is handed out any more. What is left stays to be read at the next start. */
    async close(): Promise<void> {
      stopping.abort();
      await Promise.all(queues.values());
    },
  };
}
export type PackedRests = ReturnType<typeof createPackedRests>;
