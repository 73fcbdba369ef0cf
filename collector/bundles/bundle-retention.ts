import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Log } from '../../logging/log.ts';
import { exportUnderWay } from '../../media/export/journal.ts';
import type { Audit } from '../state/audit.ts';
import type { BundleRecord, BundleRecords } from './bundle-record.ts';

export interface BundleRetentionOptions {
  /** How many of each origin stay. */
  keep: number;
  /** How many bytes all may have together. */
  maxBytes: number;
}

/** Keeps finished bundles from filling the collector's disk. */
export interface BundleRetention {
  /** Protects a bundle until `release()`, and for ten minutes after it. */
  hold(id: string): { release(): void };
  /** Removes one that somebody wants gone, however new it is. Throws SX_CONFLICT while it is being copied or exported. */
  remove(record: BundleRecord, who: string): Promise<void>;
  /** Removes what is too much. What is in use stays and is looked at again at the next call. Never rejects. */
  apply(): Promise<void>;
  /** Waits for what is being removed; `apply` does nothing from then on. */
  close(): Promise<void>;
}

/** Between the end of a bundle, or of the copy of one part, and the request for the next part. */
const graceMs = 10 * 60_000;
/** An export that was broken off is not waited for longer than this. */
const exportWithinMs = 24 * 3_600_000;

export function createBundleRetention(
  {
    folder,
    records,
    audit,
    log,
    nowMs,
  }: { folder: string; records: BundleRecords; audit: Audit; log: Log; nowMs: () => number },
  options: BundleRetentionOptions,
): BundleRetention {
  const held = new Map<string, number>();
  const usedUnixMs = new Map<string, number>();
  let applying: Promise<void> | undefined;
  let closed = false;

  const inUse = async (record: BundleRecord): Promise<boolean> => {
    const now = nowMs();
    const lastMs = Math.max(record.finishedUnixMs ?? 0, usedUnixMs.get(record.id) ?? 0);
    // A clock that was set back must not protect for ever.
    if (held.has(record.id) || Math.abs(now - lastMs) < graceMs) return true;
    return exportUnderWay(join(folder, record.name), now - exportWithinMs);
  };
  const forget = (record: BundleRecord): void => {
    record.removedUnixMs = nowMs();
    records.save(record);
    usedUnixMs.delete(record.id);
  };
  const remove = async (record: BundleRecord, because: Excess['because'] | 'asked', who: string): Promise<void> => {
    const path = join(folder, record.name);
    // Under this name the next start removes what a crash leaves of it.
    await rename(path, `${path}.partial`);
    forget(record);
    audit('bundle.removed', who, { bundle: record.id, bytes: record.bytes, because });
    await rm(`${path}.partial`, { recursive: true, force: true });
    log.info({ bundle: record.id, bytes: record.bytes, because }, 'removed a bundle');
  };
  const run = async (): Promise<void> => {
    const kept: BundleRecord[] = [];
    for (const record of records.kept()) {
      const there = await stat(join(folder, record.name)).catch((error) => error.code !== 'ENOENT');
      if (there) kept.push(record);
      else forget(record);
    }
    for (const { record, because } of excess(kept, options)) {
      if (closed) return;
      try {
        if (!(await inUse(record))) await remove(record, because, 'retention');
      } catch (error) {
        log.error({ bundle: record.id, err: error }, 'cannot remove a bundle');
      }
    }
  };

  return {
    hold: (id) => {
      held.set(id, (held.get(id) ?? 0) + 1);
      let open = true;
      return {
        release: () => {
          if (!open) return;
          open = false;
          const left = (held.get(id) ?? 1) - 1;
          if (left > 0) held.set(id, left);
          else held.delete(id);
          usedUnixMs.set(id, nowMs());
        },
      };
    },
    remove: async (record, who) => {
      const underWay = await exportUnderWay(join(folder, record.name), nowMs() - exportWithinMs);
      if (held.has(record.id) || underWay) {
        throw new SextantError('SX_CONFLICT', `bundle ${record.id} is being ${underWay ? 'exported' : 'copied'}`, {
          nextStep: 'wait for its end; an export that was broken off holds its bundle for a day',
        });
      }
      await remove(record, 'asked', who);
    },
    apply: async () => {
      if (closed) return;
      applying ??= run()
        .catch((error) => log.error({ err: error }, 'cannot look for bundles that are too many'))
        .finally(() => {
          applying = undefined;
        });
      await applying;
    },
    close: async () => {
      closed = true;
      await applying;
    },
  };
}

export interface Excess {
  record: BundleRecord;
  because: 'count' | 'bytes';
}

/**
 * Which of these bundles, given newest first, are too many. Each origin is counted by itself, so that bundles that alerts
 * ask for never push out those that people asked for; bytes are counted together. The newest always stays.
 */
export function excess(newestFirst: readonly BundleRecord[], { keep, maxBytes }: BundleRetentionOptions): Excess[] {
  const counts = { request: 0, schedule: 0, alert: 0 };
  let bytes = 0;
  const found: Excess[] = [];
  for (const [at, record] of newestFirst.entries()) {
    if (at > 0 && counts[record.origin] >= keep) found.push({ record, because: 'count' });
    else if (at > 0 && bytes + record.bytes > maxBytes) found.push({ record, because: 'bytes' });
    else {
      counts[record.origin]++;
      bytes += record.bytes;
    }
  }
  return found.reverse();
}
