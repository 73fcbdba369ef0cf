import { join } from 'node:path';
import { readTextFile } from '../../config/text-file.ts';
import { writeFileAtomic } from '../../durable/atomic-write.ts';

/** What a ring has left out since it was made. */
export interface RingCounters {
  /** Records that thinning has left out: below a warning, or metrics between the minutes. */
  thinnedRecords: number;
  /** Files and records that went because of the ring's bounds, or because the disk was nearly full. */
  droppedFiles: number;
  droppedRecords: number;
}

/** Three numbers. */
export const maxCountersBytes = 64 * 1024;
export const countersFile = (ringFolder: string): string => join(ringFolder, 'counters.json');

export function readCounters(ringFolder: string): RingCounters {
  const counters: RingCounters = { thinnedRecords: 0, droppedFiles: 0, droppedRecords: 0 };
  try {
    const saved: Record<string, unknown> = JSON.parse(readTextFile(countersFile(ringFolder), maxCountersBytes));
    for (const name of Object.keys(counters) as (keyof RingCounters)[]) {
      const value = saved[name];
      if (typeof value === 'number' && value >= 0) counters[name] = value;
    }
  } catch {
    // Nothing was dropped yet.
  }
  return counters;
}

/** Durable when it returns. */
export const writeCounters = (ringFolder: string, counters: RingCounters): void =>
  writeFileAtomic(countersFile(ringFolder), `${JSON.stringify(counters)}\n`);
