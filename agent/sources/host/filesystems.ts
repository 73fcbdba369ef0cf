import type { StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { BatchObservableResult } from '@opentelemetry/api';
import type { FileQuestions } from '../../filesystems/file-questions.ts';
import { Unanswered } from '../../filesystems/unanswered.ts';
import type { Instruments } from '../metric-catalogue.ts';
import type { hostMetrics } from './instruments.ts';
import type { Mount } from './mounts.ts';

export interface FilesystemUse extends Mount {
  totalBytes: number;
  usedBytes: number;
  freeBytes: number;
  /** Free, but only root may use it. */
  reservedBytes: number;
}

export interface FilesystemWatch {
  /** Asks every filesystem; resolves when all have answered or `timeoutMs` has passed. */
  refresh(timeoutMs: number): Promise<void>;
  uses(): FilesystemUse[];
  /** Mount points that have not answered yet. */
  hanging(): string[];
}

/**
 * Keeps the space of every real filesystem. statfs of a dead network mount never returns, so it is asked aside from the
 * collection, as one question of those to filesystems: a filesystem is reported once its answer is there, and one that is
 * known to give none is not asked.
 */
export function createFilesystemWatch({
  listMounts,
  questions,
  statfs = askSpace,
}: {
  listMounts(): Mount[];
  questions: FileQuestions;
  statfs?(path: string): Promise<Space>;
}): FilesystemWatch {
  const uses = new Map<string, FilesystemUse>();
  const asking = new Set<string>();
  const silent = new Set<string>();

  async function ask(mount: Mount): Promise<void> {
    const { mountpoint } = mount;
    asking.add(mountpoint);
    try {
      const options = { isSpace: true, givesUp: true };
      const { bsize, blocks, bfree, bavail } = await questions.ask(mountpoint, () => statfs(mountpoint), options);
      silent.delete(mountpoint);
      if (blocks === 0) return;
      uses.set(mountpoint, {
        ...mount,
        totalBytes: blocks * bsize,
        usedBytes: (blocks - bfree) * bsize,
        freeBytes: bavail * bsize,
        reservedBytes: Math.max(0, bfree - bavail) * bsize,
      });
    } catch (error) {
      // No permission to look, or unmounted in between: this mount is absent.
      uses.delete(mountpoint);
      if (error instanceof Unanswered) silent.add(mountpoint);
      else silent.delete(mountpoint);
    } finally {
      asking.delete(mountpoint);
    }
  }

  /** One at a time; the next pass goes on with those that this one has not come to. */
  async function askOneByOne(mounts: Mount[]): Promise<void> {
    for (const mount of mounts) if (!asking.has(mount.mountpoint)) await ask(mount);
  }

  return {
    async refresh(timeoutMs) {
      const mounts = listMounts();
      const present = new Set(mounts.map(({ mountpoint }) => mountpoint));
      for (const mountpoint of uses.keys()) {
        // A filesystem that does not answer any more must not go on with its last figure.
        if (!present.has(mountpoint) || asking.has(mountpoint)) uses.delete(mountpoint);
      }
      for (const mountpoint of silent) if (!present.has(mountpoint)) silent.delete(mountpoint);
      const isRemote = ({ mountpoint }: Mount): boolean => questions.mounts.of(mountpoint) !== undefined;
      // Those that answer do not wait for those that may not.
      const ordered = [...mounts.filter((mount) => !isRemote(mount)), ...mounts.filter(isRemote)];
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeoutMs);
      });
      await Promise.race([askOneByOne(ordered), timeout]);
      clearTimeout(timer);
    },
    uses: () => [...uses.values()],
    hanging: () => [...new Set([...asking, ...silent])],
  };
}

type Space = Pick<StatsFs, 'bsize' | 'blocks' | 'bfree' | 'bavail'>;
const askSpace = (path: string): Promise<Space> => statfs(path);

export function observeFilesystems(
  result: BatchObservableResult,
  instruments: Instruments<keyof typeof hostMetrics>,
  uses: readonly FilesystemUse[],
): void {
  for (const use of uses) {
    const filesystem = {
      'system.device': use.device,
      'system.filesystem.mode': use.mode,
      'system.filesystem.mountpoint': use.mountpoint,
      'system.filesystem.type': use.type,
    };
    result.observe(instruments['system.filesystem.limit'], use.totalBytes, filesystem);
    // As df does: the share counts against what users may fill, so that 100 % is when they cannot write any more.
    const fillable = use.usedBytes + use.freeBytes;
    for (const [filesystemState, bytes] of [
      ['used', use.usedBytes],
      ['free', use.freeBytes],
      ['reserved', use.reservedBytes],
    ] as const) {
      const attributes = { ...filesystem, 'system.filesystem.state': filesystemState };
      result.observe(instruments['system.filesystem.usage'], bytes, attributes);
      const share = filesystemState === 'reserved' ? bytes / use.totalBytes : bytes / fillable;
      result.observe(instruments['system.filesystem.utilization'], share, attributes);
    }
  }
}
