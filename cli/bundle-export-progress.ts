import { Listr, type ListrTaskWrapper } from 'listr2';
import { formatBytes } from '../bundle/report-format.ts';
import type { ExportProgress } from '../media/export/write-medium.ts';
import { printable } from './printable.ts';

interface ClosableProgress extends ExportProgress {
  /** Resolves when the last state is on the screen. */
  close(ok: boolean): Promise<void>;
}

const words = { copy: 'copying', check: 'reading back', recheck: 'checking again' } as const;

/** For `--json`: an object for each step. */
export function jsonExportProgress(write: (text: string) => void): ClosableProgress {
  const say = (event: object): void => write(`${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`);
  return {
    part: (step, { path, bytes }) => say({ event: step, part: path, bytes }),
    bytes: () => undefined,
    waiting: (folder, reason, waitMs) => say({ event: 'waiting', folder, reason, waitMs }),
    back: (folder) => say({ event: 'back', folder }),
    close: async () => undefined,
  };
}

/** A line for each step, for logs and pipes. */
export function plainExportProgress(write: (text: string) => void): ClosableProgress {
  return {
    part: (step, { path, bytes }) => write(`${words[step].padEnd(14)}  ${path}  ${formatBytes(bytes)}\n`),
    bytes: () => undefined,
    waiting: (folder, reason, waitMs) => write(`${waitingText(folder, reason, waitMs)}\n`),
    back: (folder) => write(`The medium is back at ${printable(folder)}: checking what is there.\n`),
    close: async () => undefined,
  };
}

/** One task whose title tells part, share and speed; waiting for the medium stands below it. */
export function terminalExportProgress(): ClosableProgress {
  const ended = Promise.withResolvers<void>();
  ended.promise.catch(() => undefined);
  let task: ListrTaskWrapper<unknown, never, never> | undefined;
  const list = new Listr(
    [
      {
        title: 'Export',
        task: async (_: unknown, own: unknown) => {
          task = own as typeof task;
          await ended.promise;
        },
        rendererOptions: { persistentOutput: true },
      },
    ],
    { exitOnError: false, registerSignalListeners: false, rendererOptions: { collapseErrors: false } },
  );
  const shown = list.run().catch(() => undefined);
  let part = '';
  let size = 0;
  let done = 0;
  let sinceMs = 0;
  const show = (step: keyof typeof words): void => {
    const seconds = (performance.now() - sinceMs) / 1000;
    const speed = seconds > 0.5 ? `, ${formatBytes(done / seconds)}/s` : '';
    if (task) task.title = `${words[step]} ${part}: ${formatBytes(done)} of ${formatBytes(size)}${speed}`;
  };
  return {
    part: (step, { path, bytes }) => {
      [part, size, done, sinceMs] = [path, bytes, 0, performance.now()];
      show(step);
    },
    bytes: (step, bytes) => {
      done += bytes;
      show(step);
    },
    waiting: (folder, reason, waitMs) => {
      if (task) task.output = waitingText(folder, reason, waitMs);
    },
    back: (folder) => {
      if (task) task.output = `The medium is back at ${printable(folder)}.`;
    },
    close: async (ok) => {
      if (task && ok) task.title = 'Export: written and read back';
      if (ok) ended.resolve();
      else ended.reject(new Error('ended early'));
      await shown;
    },
  };
}

const waitingText = (folder: string, reason: string, waitMs: number): string =>
  `The medium at ${printable(folder)} is gone (${printable(reason)}). Put it back: it is waited for ${Math.round(waitMs / 1000)} s.`;
