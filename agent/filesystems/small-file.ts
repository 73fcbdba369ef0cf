import { constants, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileQuestions } from './file-questions.ts';
import { Unanswered } from './unanswered.ts';

export interface SmallFile {
  content: Buffer;
  stats: Stats;
}

/** For a pipe, which would be waited for until somebody writes; Windows has none in its folders. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

const nextSteps: Record<string, string> = {
  ENOENT: 'put it there, or correct its path in the profile',
  ENOTDIR: 'correct its path in the profile',
  EACCES: 'let the agent’s user read it',
  EPERM: 'let the agent’s user read it',
};

/**
 * Reads a file that a site has named, a certificate or a key: a regular one of at most `maxBytes`, off the main thread and
 * given up when its filesystem does not answer. `what` is what the file is called, as `probes.ca`. Rejects with what is
 * wrong and what to do.
 */
export async function readSmallFile(
  questions: FileQuestions,
  path: string,
  { what, maxBytes, signal }: { what: string; maxBytes: number; signal: AbortSignal },
): Promise<SmallFile> {
  const about = `${what} ${path}`;
  try {
    return await questions.ask(path, () => readRegular(path, maxBytes), { signal, givesUp: true });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Unanswered) {
      throw new Error(`${about}: ${error.message}; mount it again, or name a file on a local disk`, { cause: error });
    }
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`${about}: ${message}; ${nextSteps[code ?? ''] ?? 'name another file in the profile'}`, {
      cause: error,
    });
  }
}

async function readRegular(path: string, maxBytes: number): Promise<SmallFile> {
  const file = await open(path, flags);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new Error('it is not a regular file');
    if (stats.size > maxBytes) throw new Error(`it is longer than ${maxBytes} bytes`);
    const buffer = Buffer.alloc(stats.size);
    let bytes = 0;
    for (let read = -1; read !== 0 && bytes < buffer.length; bytes += read) {
      ({ bytesRead: read } = await file.read(buffer, bytes, buffer.length - bytes, bytes));
    }
    return { content: buffer.subarray(0, bytes), stats };
  } finally {
    await file.close();
  }
}
