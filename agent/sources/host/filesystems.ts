import { statfs } from 'node:fs/promises';
import type { BatchObservableResult } from '@opentelemetry/api';
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

/**
 * Keeps the space of every real filesystem. statfs of a dead network mount never returns, so it is asked aside from
 * the collection: a filesystem is reported once its answer is there, and a mount whose last question is still open is
 * not asked again (each open question holds one of libuv's threads).
 */
export function createFilesystemWatch(options: { listMounts: () => Mount[] }) {
  const uses = new Map<string, FilesystemUse>();
  const asking = new Set<string>();

  async function ask(mount: Mount): Promise<void> {
    asking.add(mount.mountpoint);
    try {
      const { bsize, blocks, bfree, bavail } = await statfs(mount.mountpoint);
      if (blocks === 0) return;
      uses.set(mount.mountpoint, {
        ...mount,
        totalBytes: blocks * bsize,
        usedBytes: (blocks - bfree) * bsize,
        freeBytes: bavail * bsize,
        reservedBytes: Math.max(0, bfree - bavail) * bsize,
      });
    } catch {
      // No permission to look, or unmounted in between: this mount is absent.
      uses.delete(mount.mountpoint);
    } finally {
      asking.delete(mount.mountpoint);
    }
  }

  return {
    /** Asks every filesystem; resolves when all have answered or `timeoutMs` has passed. */
    async refresh(timeoutMs: number): Promise<void> {
      const mounts = options.listMounts();
      const present = new Set(mounts.map(({ mountpoint }) => mountpoint));
      for (const mountpoint of uses.keys()) {
        // A filesystem that does not answer any more must not go on with its last figure.
        if (!present.has(mountpoint) || asking.has(mountpoint)) uses.delete(mountpoint);
      }
      // Two hung mounts at most: those are the threads that agent/filesystems/file-questions.ts leaves to these questions.
      const free = asking.size >= 2 ? [] : mounts.filter(({ mountpoint }) => !asking.has(mountpoint));
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeoutMs);
      });
      await Promise.race([askOneByOne(free, ask), timeout]);
      clearTimeout(timer);
    },
    uses: (): FilesystemUse[] => [...uses.values()],
    /** Mount points that have not answered yet. */
    hanging: (): string[] => [...asking],
  };
}

/** One at a time, so that one pass can hang on one mount only; the next pass goes on with the others. */
async function askOneByOne(mounts: Mount[], ask: (mount: Mount) => Promise<void>): Promise<void> {
  for (const mount of mounts) await ask(mount);
}

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
