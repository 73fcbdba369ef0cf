import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type ErrorCode, errorRegistry } from '../../errors/registry.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Drive } from '../drives/drive.ts';
import type { ExportResult } from '../export/export-bundle.ts';
import type { ExportOrder, MediaMessage, MediaTask } from './messages.ts';

/** Media as a process of its own sees them: whatever a device does, the caller goes on. */
export interface MediaProcesses {
  /** Throws SX_UNAVAILABLE when the drives do not answer in time. */
  listDrives(): Promise<Drive[]>;
  /**
   * Carries out an export and tells each message on the way. When the signal comes, the process stops after the chunk at
   * hand and is killed if it does not; what is on the medium then is no bundle yet. Throws what `exportBundle` throws.
   */
  runExport(
    order: ExportOrder,
    options: { signal: AbortSignal; onMessage: (message: MediaMessage) => void },
  ): Promise<ExportResult>;
}

const program = fileURLToPath(new URL('./main.ts', import.meta.url));
const listWithinMs = 15_000;
/** Enough for the chunk at hand. A process that a dead device holds cannot be ended at all; nobody waits for it. */
const stopWithinMs = 500;

export function createMediaProcesses({ environment }: { environment: NodeJS.ProcessEnv }): MediaProcesses {
  /** Starts a process on a task; resolves with its last message. */
  const start = (task: MediaTask, onMessage: (message: MediaMessage) => void) => {
    const child = fork(program, [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: environment });
    let last: MediaMessage | undefined;
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-2000);
    });
    const ended = Promise.withResolvers<MediaMessage>();
    child.on('message', (message: MediaMessage) => {
      if (message.type === 'drives' || message.type === 'exported' || message.type === 'failed') last = message;
      onMessage(message);
    });
    child.once('error', ended.reject);
    child.once('close', (code, signal) => {
      if (last) ended.resolve(last);
      else ended.reject(new Error(`the process for media ended with ${signal ?? code}: ${said.trim()}`));
    });
    child.send(task, () => undefined);
    return { child, ended: ended.promise };
  };

  return {
    async listDrives() {
      const { child, ended } = start({ task: 'list' }, () => undefined);
      const answer = await withDeadline(ended, listWithinMs, () => {
        letGo(child);
        return new SextantError('SX_UNAVAILABLE', 'the drives of this machine do not answer', {
          nextStep: 'a device or a network mount hangs: pull it out or unmount it, and try again',
        });
      });
      if (answer.type === 'failed') throw failure(answer);
      if (answer.type !== 'drives') throw new Error(`BUG: ${answer.type} for a list of drives`);
      return answer.drives;
    },
    async runExport(order, { signal, onMessage }) {
      signal.throwIfAborted();
      const { child, ended } = start({ task: 'export', order }, onMessage);
      const stopped = Promise.withResolvers<never>();
      let timer: NodeJS.Timeout | undefined;
      const onAbort = (): void => {
        if (child.connected) child.disconnect();
        timer = setTimeout(() => {
          letGo(child);
          stopped.reject(signal.reason);
        }, stopWithinMs);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        const answer = await Promise.race([ended, stopped.promise]);
        if (answer.type === 'exported') return answer.result;
        signal.throwIfAborted();
        if (answer.type === 'failed') throw failure(answer);
        throw new Error(`BUG: ${answer.type} for an export`);
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}

/** Ends it, and does not keep this process alive when it cannot be ended. */
function letGo(child: ChildProcess): void {
  child.kill('SIGKILL');
  child.unref();
  child.channel?.unref();
}

function withDeadline<T>(work: Promise<T>, withinMs: number, late: () => Error): Promise<T> {
  const deadline = Promise.withResolvers<never>();
  const timer = setTimeout(() => deadline.reject(late()), withinMs);
  return Promise.race([work, deadline.promise]).finally(() => clearTimeout(timer));
}

function failure({ code, message, nextStep }: Extract<MediaMessage, { type: 'failed' }>): SextantError {
  const known = code in errorRegistry ? (code as ErrorCode) : 'SX_INTERNAL';
  return new SextantError(known, message, { nextStep });
}
