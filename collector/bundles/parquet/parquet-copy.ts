import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { parquetFolder } from '../../../bundle/parquet.ts';
import { formatBytes } from '../../../bundle/report-format.ts';
import { createLinePieces, type LinePiece } from './line-pieces.ts';
import type { CopiesCapabilities, CopiesOptions, CopyTarget, ParquetCopy } from './parquet-copies.ts';
import { writeParquetFile } from './parquet-file.ts';
import { parquetShapes } from './parquet-shape.ts';

export interface CopyOutcome {
  state: 'ok' | 'partial' | 'failed';
  bytes: number;
  rows: number;
  reason: string | null;
}

interface CopyCapabilities extends CopiesCapabilities {
  /** For the next file on disk. */
  nextPath(): Promise<string>;
  /** What the engine does at the moment. */
  underWay: Set<Promise<unknown>>;
}

/** One piece is written while the one before it is read, and each has its file beside it. */
const piecesOnDisk = 4;

export function createParquetCopy(
  { engine, freeBytes, onFailed, nextPath, underWay }: CopyCapabilities,
  options: Required<CopiesOptions> & CopyTarget,
): ParquetCopy {
  const { kind, path: ofLines, scope = '', modifiedMs, scratch, minFreeBytes, pieceBytes, signal } = options;
  const made: { path: string; rows: number }[] = [];
  let failure: unknown;
  let converting: Promise<void> = Promise.resolve();

  const pieces = createLinePieces(async () => {
    const path = await nextPath();
    const free = await freeBytes(scratch);
    if (free - minFreeBytes < piecesOnDisk * pieceBytes) {
      throw new Error(`${formatBytes(free)} are free, and ${formatBytes(minFreeBytes)} have to stay so`);
    }
    return path;
  }, pieceBytes);

  /** What goes wrong ends the copy, and the copy alone. */
  const guarded = async (work: () => Promise<void>): Promise<void> => {
    if (failure !== undefined) return;
    try {
      await work();
    } catch (error) {
      failure = error ?? new Error('it failed without a reason');
    }
  };
  const convert = async ({ path: lines, rows, bytes }: LinePiece): Promise<void> => {
    const parquet = `${lines}.parquet`;
    made.push({ path: parquet, rows });
    const order = { shape: parquetShapes[kind], lines, parquet, rows, bytes, scope };
    const work = writeParquetFile(engine, order, signal);
    underWay.add(work);
    try {
      await work;
    } finally {
      underWay.delete(work);
      await rm(lines);
    }
  };
  /** The next piece is filled meanwhile. */
  const begin = async (piece: LinePiece): Promise<void> => {
    await converting;
    converting = guarded(() => convert(piece));
  };

  return {
    async *of(content) {
      let whole = false;
      try {
        for await (const chunk of content) {
          await guarded(async () => {
            for (const piece of await pieces.write(chunk)) await begin(piece);
          });
          yield chunk;
        }
        await guarded(pieces.endLine);
        whole = true;
      } finally {
        if (!whole) {
          failure ??= new Error('the lines ended early');
          await pieces.abandon();
        }
      }
    },
    async finish(writer) {
      await guarded(async () => {
        const last = await pieces.end();
        if (last) await begin(last);
      });
      await converting;
      signal.throwIfAborted();
      if (failure !== undefined) {
        onFailed(failure, { kind, path: ofLines });
        await pieces.abandon();
        for (const { path } of made) await rm(path, { force: true });
        const reason = `no Parquet was made of it, all of it is there as NDJSON: ${(failure as Error).message}`;
        return { state: 'failed', bytes: 0, rows: 0, reason: reason.slice(0, 500) };
      }
      const outcome: CopyOutcome = { state: 'ok', bytes: 0, rows: 0, reason: null };
      for (const [at, { path, rows }] of made.entries()) {
        const { size } = await stat(path);
        const name = `${parquetFolder}/${ofLines}/${String(at + 1).padStart(4, '0')}.parquet`;
        const entry = { path: name, modifiedMs, wholeBytes: size };
        await writer.add(entry, createReadStream(path, { highWaterMark: 256 * 1024 }));
        await rm(path);
        outcome.bytes += size;
        outcome.rows += rows;
      }
      if (pieces.otherLines === 0) return outcome;
      const reason = `${pieces.otherLines} lines, too long to be redacted, are no records and only in the NDJSON`;
      return { ...outcome, state: 'partial', reason };
    },
  };
}
