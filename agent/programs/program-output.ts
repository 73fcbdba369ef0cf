import { type ChildProcess, spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import { PassThrough } from 'node:stream';
import { programEnvironment, windowsFolder } from '../../config/environment.ts';
import { killTree } from './kill-tree.ts';

export interface ProgramOutput {
  /** Standard output as it comes; ends at the program's end, at `maxBytes`, or when the signal aborts. */
  content: AsyncGenerator<Buffer>;
  /** After the content has ended. */
  result(): Promise<ProgramResult>;
}

interface ProgramResult {
  exitCode: number | null;
  killed: boolean;
  /** More output than `maxBytes`. */
  tooLong: boolean;
  /** Start of what it wrote to standard error. */
  errorText: string;
}

/** Nice on Linux; below normal on Windows. */
const lowPriority = 10;
const windows = process.platform === 'win32';
const maxErrorChars = 2000;

/**
 * Starts a program without a shell, at low priority and with a bare environment.
 * Rejects with ENOENT or EACCES when it cannot be started.
 */
export async function startProgram(
  command: readonly string[],
  limits: { maxBytes: number; signal: AbortSignal },
): Promise<ProgramOutput> {
  const [program = '', ...args] = command;
  const { promise: started, resolve, reject } = Promise.withResolvers<void>();
  // Its own group, so that what it started dies with it.
  const child: ChildProcess = spawn(program, args, {
    env: programEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: windows ? windowsFolder('SystemRoot') : '/',
    // On Windows this would open a console window; there the tree is found by its parents.
    detached: !windows,
    windowsHide: true,
  });
  // Node drains and drops what nobody reads when a program exits; a pipe from the first moment on keeps it.
  const stdout = new PassThrough();
  child.stdout?.pipe(stdout);
  const closed = Promise.withResolvers<number | null>();
  child.once('spawn', () => resolve());
  child.once('error', reject);
  child.once('close', (code) => closed.resolve(code));
  await started;
  const kill = (): void => {
    if (child.pid !== undefined) killTree(child.pid);
  };
  try {
    if (child.pid !== undefined) setPriority(child.pid, lowPriority);
  } catch {
    // It has ended already.
  }
  let killed = false;
  let tooLong = false;
  let errorText = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (text: string) => {
    errorText = (errorText + text).slice(0, maxErrorChars);
  });
  const onAbort = (): void => {
    killed = true;
    kill();
    // A program in uninterruptible sleep does not die; its output ends for us all the same.
    stdout.destroy();
    closed.resolve(null);
  };
  if (limits.signal.aborted) onAbort();
  else limits.signal.addEventListener('abort', onAbort, { once: true });

  async function* content(): AsyncGenerator<Buffer> {
    let bytes = 0;
    try {
      for await (const chunk of stdout) {
        const room = limits.maxBytes - bytes;
        if ((chunk as Buffer).length > room) {
          tooLong = true;
          yield (chunk as Buffer).subarray(0, room);
          return;
        }
        bytes += (chunk as Buffer).length;
        yield chunk as Buffer;
      }
    } catch (error) {
      if (!killed) throw error;
    } finally {
      if (tooLong) {
        kill();
        child.stdout?.unpipe();
        child.stdout?.resume();
      }
    }
  }
  return {
    content: content(),
    result: async () => {
      const exitCode = await closed.promise;
      limits.signal.removeEventListener('abort', onAbort);
      return { exitCode, killed, tooLong, errorText: errorText.trim() };
    },
  };
}
