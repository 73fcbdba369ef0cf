import { Listr, type ListrTaskWrapper } from 'listr2';
import { collectorNode } from '../bundle/coverage.ts';
import { formatBytes } from '../bundle/report-format.ts';
import type { BundleItemProgress, BundleJob, BundleJobProgress } from '../collector/api/shapes/bundles.ts';
import { overallText, runningText, sourceText } from './bundle-figures.ts';
import { printable } from './printable.ts';

/** Shows how a job goes on. */
export interface BundleProgress {
  update(job: BundleJob): void;
  /** The collector does not answer, for this reason, and is waited for. */
  waiting(reason: string): void;
  /** Bytes of the copy that have been written. */
  copying(bytes: number): void;
  /** Resolves when the last state is on the screen. */
  close(ok: boolean): Promise<void>;
}

const isFinished = ({ state }: BundleJob): boolean => !['waiting', 'gathering', 'writing'].includes(state);
const unfinished = (item: BundleItemProgress): boolean => item.state === 'waiting' || item.state === 'running';
const isGap = (item: BundleItemProgress): boolean =>
  !unfinished(item) && item.state !== 'ok' && item.state !== 'absent';

const waitingText = (reason: string): string =>
  `waiting: ${printable(reason)}; a restart breaks off no bundle, it goes on or begins again`;

/** For `--json`: nothing. */
export const silentProgress = (): BundleProgress => ({
  update: () => undefined,
  waiting: () => undefined,
  copying: () => undefined,
  close: async () => undefined,
});

/** Between two lines of how far all of it is. */
const overallEveryMs = 10_000;

/** A line for every source that ends and now and then one for all of them, for logs and pipes. */
export function plainProgress(write: (text: string) => void): BundleProgress {
  const said = new Set<string>();
  let state = '';
  let overallMs = overallEveryMs;
  return {
    update: (job) => {
      if (job.state !== state) write(`${job.state}\n`);
      state = job.state;
      for (const item of job.items) {
        const key = `${item.node}\0${item.source}\0${item.state}`;
        if (unfinished(item) || said.has(key)) continue;
        said.add(key);
        const reason = item.reason ? `  ${printable(item.reason)}` : '';
        write(
          `${item.state.padEnd(12)}  ${printable(item.node)}  ${printable(item.source)}  ${sourceText(item)}${reason}\n`,
        );
      }
      // Collectors of before do not tell it.
      const overall: BundleJobProgress | undefined = job.progress;
      if (!overall || overall.elapsedMs < overallMs || isFinished(job)) return;
      overallMs = (Math.floor(overall.elapsedMs / overallEveryMs) + 1) * overallEveryMs;
      write(`${'so far'.padEnd(12)}  ${overallText(overall)}\n`);
    },
    waiting: (reason) => write(`${waitingText(reason)}\n`),
    copying: () => undefined,
    close: async () => undefined,
  };
}

/** Tasks that are no node's; no node is called so. */
const ofCollector = '';
const ofAll = '*';

type Task = ListrTaskWrapper<unknown, never, never>;

/** A task per node with its running source below, for a terminal; gaps stay visible. */
export function terminalProgress(asked: string[]): BundleProgress {
  // `syslog:PEER` has no agent that could be asked.
  const nodes = asked.filter((name) => !name.includes(':'));
  const ended = Promise.withResolvers<void>();
  ended.promise.catch(() => undefined);
  const tasks = new Map<string, Task>();
  let copied = 0;
  let copyTask: Task | undefined;
  const hold = (name: string) => async (_: unknown, task: unknown) => {
    tasks.set(name, task as Task);
    await ended.promise;
  };
  const list = new Listr(
    [
      { title: 'All: begun', task: hold(ofAll) },
      ...nodes.map((node) => ({
        title: `${node}: asked`,
        task: hold(node),
        rendererOptions: { persistentOutput: true },
      })),
      { title: 'Telemetry, alerts, inventory', task: hold(ofCollector) },
      {
        title: 'Copy',
        task: async (_: unknown, task: unknown) => {
          copyTask = task as Task;
          await ended.promise;
        },
      },
    ],
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      rendererOptions: { collapseErrors: false },
    },
  );
  const shown = list.run().catch(() => undefined);

  return {
    update: (job) => {
      const all = tasks.get(ofAll);
      if (all && job.progress) all.title = `All: ${overallText(job.progress)}`;
      for (const node of nodes) {
        const task = tasks.get(node);
        if (!task) continue;
        const items = job.items.filter((item) => item.node === node && !item.source.startsWith('telemetry/'));
        const bytes = items.reduce((sum, item) => sum + item.bytes, 0);
        const done = items.filter((item) => !unfinished(item)).length;
        const running = items.find((item) => item.state === 'running');
        task.title = `${node}: ${done} of ${items.length} sources, ${formatBytes(bytes)}${running ? `, ${printable(running.source)} ${runningText(running)}` : ''}`;
        const gaps = items.filter(isGap);
        if (gaps.length > 0) {
          task.output = gaps
            .map((item) => `${item.state}  ${printable(item.source)}  ${printable(item.reason ?? '')}`)
            .join('\n');
        }
      }
      const own = job.items.filter((item) => item.source.startsWith('telemetry/') || item.node === collectorNode);
      const task = tasks.get(ofCollector);
      if (task) {
        const bytes = own.reduce((sum, item) => sum + item.bytes, 0);
        task.title = `Telemetry, alerts, inventory: ${formatBytes(bytes)}${job.state === 'writing' ? ', writing' : ''}`;
      }
    },
    waiting: (reason) => {
      const task = tasks.get(ofCollector);
      if (task) task.title = waitingText(reason);
    },
    copying: (bytes) => {
      copied += bytes;
      if (copyTask) copyTask.title = `Copy: ${formatBytes(copied)}`;
    },
    close: async (ok) => {
      if (ok) ended.resolve();
      else ended.reject(new Error('ended early'));
      await shown;
    },
  };
}
