import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../durable/atomic-write.ts';
import type { Log } from '../../logging/log.ts';

interface QuarantineReason {
  /** Journal file that the bytes come from, and where they were in it. */
  journal: string;
  start: number;
  end: number;
  reason: string;
  /** What the mark says, when it can be read. */
  mark?: { node: string; stream: string; epoch: string; sequence: string };
}

export interface Quarantine {
  /** Keeps the bytes and says why, beside each other. Both are on disk when it returns. */
  put(bytes: Buffer, reason: QuarantineReason): void;
  /** Batches put since the start, by the node whose they are; '' where the mark cannot be read. */
  counts(): ReadonlyMap<string, number>;
}

export function createQuarantine(folder: string, capabilities: { log: Log; nowMs(): number }): Quarantine {
  const counts = new Map<string, number>();
  return {
    counts: () => counts,
    put(bytes, reason) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const name = `${reason.journal.replace(/\.journal$/, '')}-at-${reason.start}`;
      writeFileAtomic(join(folder, `${name}.entry`), bytes);
      const node = reason.mark?.node ?? '';
      counts.set(node, (counts.get(node) ?? 0) + 1);
      const told = { ...reason, quarantinedAt: new Date(capabilities.nowMs()).toISOString() };
      writeFileAtomic(join(folder, `${name}.json`), `${JSON.stringify(told, null, 2)}\n`);
      capabilities.log.error(told, 'a batch went to quarantine; the stream goes on');
    },
  };
}
