import { join } from 'node:path';
import type { Settings } from '../config/settings.ts';
import type { Log } from '../logging/log.ts';
import { logStreams } from './pipeline/log-pipelines.ts';
import type { PriorityClass } from './profile/priority.ts';
import { openRing, type Ring } from './ring/ring.ts';
import type { Drop } from './spool/room.ts';
import { openSpool, type Spool } from './spool/spool.ts';

/** What the agent keeps on disk of telemetry: what waits for the collector, and what it has delivered. */
export interface Storage {
  spool: Spool;
  ring: Ring;
  close(): Promise<void>;
}

/** Opens both; what the spool has delivered goes to the ring, and the ring gives way when the spool needs room. */
export async function openStorage(
  { folder, settings, metrics }: { folder: string; settings: Settings; metrics: PriorityClass },
  { log, nowMs, onDrop }: { log: Log; nowMs(): number; onDrop(drop: Drop): void },
): Promise<Storage> {
  const minFreeBytes = settings['agent.spool.minFreeBytes'];
  const ring = await openRing(
    {
      folder: join(folder, 'ring'),
      days: settings['agent.ring.days'],
      maxBytes: settings['agent.ring.maxBytes'],
      minFreeBytes,
      keep: settings['agent.ring.keep'],
    },
    { log, nowMs },
  );
  try {
    const spool = await openSpool(
      {
        folder: join(folder, 'spool'),
        streams: { ...logStreams, metrics },
        maxBytes: settings['agent.spool.maxBytes'],
        minFreeBytes,
        segmentBytes: settings['agent.spool.segmentBytes'],
      },
      { log, nowMs, onDrop, dispose: ring.keep, yieldBytes: ring.makeRoom },
    );
    return {
      spool,
      ring,
      async close() {
        await spool.close().finally(() => ring.close());
      },
    };
  } catch (error) {
    await ring.close();
    throw error;
  }
}
