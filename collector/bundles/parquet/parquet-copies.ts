import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { VolumeWriter } from '../../../bundle/volume-writer.ts';
import type { LocalEngine } from '../../store/store.ts';
import { type CopyOutcome, createParquetCopy } from './parquet-copy.ts';

export interface ParquetCopies {
  /** A copy of one node's metrics, or of one scope of its logs. */
  begin(what: CopyTarget): ParquetCopy;
  /** Removes everything that lies on disk for the copies. */
  close(): Promise<void>;
}

export interface CopyTarget {
  kind: 'logs' | 'metrics';
  /** Of the lines in the volume, without the ending: the copy's files lie in a folder of this path below `parquet/`. */
  path: string;
  /** Of logs. */
  scope?: string;
  modifiedMs: number;
}

/** What of a source's content becomes Parquet too. Nothing that goes wrong with it reaches the content or its volume. */
export interface ParquetCopy {
  /** Passes content through, piece by piece, and keeps its lines; may be called for several files, one after the other. */
  of(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer>;
  /** Puts the files into the volume, all of them or none. Rejects when the volume cannot be written. */
  finish(writer: VolumeWriter): Promise<CopyOutcome>;
}

export interface CopiesCapabilities {
  engine: LocalEngine;
  freeBytes(folder: string): Promise<number>;
  /** Told why there is no Parquet of some lines, in full: coverage names the kind of failure alone. */
  onFailed(error: unknown, lines: Pick<CopyTarget, 'kind' | 'path'>): void;
}

export interface CopiesOptions {
  /** A folder of their own, inside what is removed when the job ends however it does. */
  scratch: string;
  /** Must stay free beside what a piece and its file take. */
  minFreeBytes: number;
  /** Of lines, for one file. */
  pieceBytes?: number;
  signal: AbortSignal;
}

/**
 * Lines for one file. The engine takes 0.4 s of the processor to write it, which nobody can cut short, and a bundle that is
 * cancelled waits for it. So much lies on disk twice, each with its file: one is filled while the other is read.
 */
const usualPieceBytes = 64 * 2 ** 20;

export function createParquetCopies(capabilities: CopiesCapabilities, options: CopiesOptions): ParquetCopies {
  let files = 0;
  const nextPath = async (): Promise<string> => {
    if (files === 0) await mkdir(options.scratch, { recursive: true, mode: 0o700 });
    return join(options.scratch, String(++files));
  };
  const underWay = new Set<Promise<unknown>>();
  return {
    begin: (target) =>
      createParquetCopy(
        { ...capabilities, nextPath, underWay },
        { pieceBytes: usualPieceBytes, ...options, ...target },
      ),
    async close() {
      // The engine would go on writing into a folder that is gone.
      await Promise.allSettled(underWay);
      await rm(options.scratch, { recursive: true, force: true });
    },
  };
}
