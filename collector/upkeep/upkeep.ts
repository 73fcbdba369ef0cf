import { SextantError } from '../../errors/sextant-error.ts';
import type { Log } from '../../logging/log.ts';
import type { Audit } from '../state/audit.ts';
import { type BackupParts, writeBackup } from './backup.ts';
import { checkCollector } from './check.ts';
import { mergePartition, readUsage, type StorageUsage, scatteredPartitions } from './storage.ts';

export type UpkeepTask = 'backup' | 'check' | 'compact';

/** The task that runs, or the last that ran. */
export interface UpkeepState {
  task: UpkeepTask;
  state: 'running' | 'done' | 'failed';
  startedAt: string;
  /** What it is doing, for a person. */
  progress: string;
  /** What it found or did, line by line. */
  report: string[];
  /** Damage that a check found. */
  faults: string[];
  error: string;
}

export interface Upkeep {
  usage(): Promise<StorageUsage>;
  /** Throws SX_CONFLICT while another task runs. */
  start(task: UpkeepTask, who: string, folder?: string): UpkeepState;
  state(): UpkeepState | null;
  close(): Promise<void>;
}

/** A larger partition is left as it is: merging it writes it once more, and takes that space meanwhile. */
const largestMergeBytes = 8 * 1024 ** 3;
const compactWithinMs = 30 * 60_000;

/** What an administrator asks of storage and what takes longer than a request: one at a time, told about as it goes. */
export function createUpkeep({ audit, log, ...parts }: BackupParts & { audit: Audit; log: Log }): Upkeep {
  const { store, nowMs } = parts;
  let current: UpkeepState | null = null;
  let running: Promise<void> = Promise.resolve();
  let closed = false;

  async function backup(state: UpkeepState, who: string, folder: string): Promise<void> {
    const done = await writeBackup(parts, folder, ({ step, files, bytes }) => {
      if (closed) throw new SextantError('SX_UNAVAILABLE', 'the collector stops; the backup is not whole');
      state.progress = `${step}: ${files} files, ${bytes} bytes`;
    });
    state.report.push(`${done.files} files, ${done.bytes} bytes in ${folder}`);
    audit('storage.backed-up', who, { folder, files: done.files, bytes: done.bytes });
  }
  async function check(state: UpkeepState): Promise<void> {
    for await (const { what, looked, faults } of checkCollector(parts)) {
      state.progress = what;
      state.report.push(`${what}: ${looked}: ${faults.length === 0 ? 'whole' : `${faults.length} faults`}`);
      state.faults.push(...faults);
      if (closed) return;
    }
  }
  async function compact(state: UpkeepState): Promise<void> {
    const startedMs = nowMs();
    for (const { table, day, parts: before } of await scatteredPartitions(store, largestMergeBytes)) {
      if (closed) return;
      if (nowMs() - startedMs > compactWithinMs) {
        state.report.push('stopped after half an hour; run it again for the rest');
        return;
      }
      state.progress = `${table} ${day}`;
      await mergePartition(store, table, day);
      state.report.push(`${table} ${day}: ${before} parts to one`);
    }
  }

  return {
    usage: () => readUsage(store),
    start(task, who, folder = '') {
      if (current?.state === 'running')
        throw new SextantError('SX_CONFLICT', `a ${current.task} is under way`, { nextStep: 'wait until it is done' });
      const state: UpkeepState = {
        task,
        state: 'running',
        startedAt: new Date(nowMs()).toISOString(),
        progress: '',
        report: [],
        faults: [],
        error: '',
      };
      current = state;
      const work = {
        backup: () => backup(state, who, folder),
        check: () => check(state),
        compact: () => compact(state),
      };
      running = work[task]().then(
        () => {
          state.state = 'done';
        },
        (error: Error) => {
          state.state = 'failed';
          state.error = error instanceof SextantError ? error.line() : error.message;
          log.error({ err: error, task }, 'a task of upkeep failed');
        },
      );
      return state;
    },
    state: () => current,
    async close() {
      closed = true;
      await running;
    },
  };
}
