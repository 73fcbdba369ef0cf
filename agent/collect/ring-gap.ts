import { join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import { readCounters } from '../ring/counters.ts';
import type { KeptFile } from './kept-file.ts';

const dayMs = 86_400_000;

/** What the ring's bounds say of a window that begins at `fromUnixMs`; undefined when it reaches far enough back. */
export function ringGap(
  dataDir: string,
  settings: Settings,
  files: readonly KeptFile[],
  { fromUnixMs, nowMs }: { fromUnixMs: number; nowMs: number },
): string | undefined {
  const { 'agent.ring.days': days, 'agent.ring.maxBytes': maxBytes } = settings;
  if (days === 0 || maxBytes === 0) {
    return 'no ring is kept here (agent.ring.days, agent.ring.maxBytes): what the collector had taken is not in it';
  }
  // 0: a file whose label cannot be read.
  const beganMs = files.map(({ key }) => Number(key.slice(0, 15))).find((unixMs) => unixMs > 0);
  const { droppedFiles, droppedRecords } = readCounters(join(dataDir, 'agent', 'ring'));
  if (droppedFiles === 0 || (beganMs !== undefined && beganMs <= fromUnixMs)) return undefined;
  const since = beganMs === undefined ? 'nothing is left' : `what is left begins ${new Date(beganMs).toISOString()}`;
  const bound = fromUnixMs < nowMs - days * dayMs ? `${days} days` : 'its size or the disk’s free space';
  return `the ring has dropped ${droppedRecords} records (bound: ${bound}); ${since}`;
}
