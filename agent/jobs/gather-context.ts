import { constants, type Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { NodeCapClass } from '../../bundle/caps.ts';
import type { Redactor } from '../../bundle/redaction/redactor.ts';
import type { VolumeWriter } from '../../bundle/volume-writer.ts';
import type { FileQuestions } from '../filesystems/file-questions.ts';
import { openTrusted } from '../open-trusted.ts';
import type { GatheredEntry } from './item-outcome.ts';
import type { ExpectedSize, RecordUnit } from './item-progress.ts';

/** What gathering one item is given. */
export interface GatherContext {
  writer: VolumeWriter;
  redactor: Redactor;
  /** Where an item may put what it needs for a moment; it removes it. */
  scratch: string;
  fromUnixMs: number;
  untilUnixMs: number;
  /** The most that a source of this class may bring, whatever its item says; Infinity for no such limit. */
  maxBytesOf(kind: NodeCapClass): number;
  nowMs(): number;
  /** For what is asked of files that are not the agent's own. */
  questions: FileQuestions;
  /** Ends the item: the job was cancelled, or, with an `ItemTimeout`, it took too long. */
  signal: AbortSignal;
  /** Something of the source has come, whatever becomes of it: it does not hang. */
  onProgress(): void;
  /** Adds to what progress shows. */
  onBytes(bytes: number): void;
  /** Adds to what is counted of it. */
  onRecords(count: number, of: RecordUnit): void;
  /** How much it will be, where that is found out before all of it is read. */
  onExpected(expected: ExpectedSize): void;
  onEntry(entry: GatheredEntry): void;
}

/** Resolves or rejects as the promise does, or rejects at once when the signal aborts: a read from a dead mount never returns. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => undefined);
    return Promise.reject(signal.reason);
  }
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
}

/** A file that is read for an item: each question goes through those of the process, and ends with the item. */
export interface AskedFile {
  stat(): Promise<Stats>;
  read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number; buffer: Buffer }>;
  /** One whose read never answered is not waited for: closing waits for that read. */
  close(): Promise<void>;
}

/** Opens a file of the machine's, see `openTrusted`. */
export async function openToRead(
  path: string,
  { questions, signal }: Pick<GatherContext, 'questions' | 'signal'>,
): Promise<AskedFile> {
  let opening: Promise<FileHandle> | undefined;
  const open = (): Promise<FileHandle> => {
    opening = openTrusted(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return opening;
  };
  const file = await questions.ask(path, open, { signal }).catch((error) => {
    // Its answer comes when nobody waits for it any more.
    opening?.then(
      (late) => late.close(),
      () => undefined,
    );
    throw error;
  });
  return {
    stat: () => questions.ask(path, () => file.stat(), { signal }),
    read: (buffer, offset, length, position) =>
      questions.ask(path, () => file.read(buffer, offset, length, position), { signal }),
    close: () =>
      orAborted(
        questions.ask(path, () => file.close(), { inLine: true }),
        signal,
      ).catch(() => undefined),
  };
}

/** Line that stands where something was left out. */
export const cutMark = (what: string): Buffer => Buffer.from(`[sextant: cut here: ${what}]\n`);
