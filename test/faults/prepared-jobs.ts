import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { pino } from 'pino';
import { collectorNode } from '../../bundle/coverage.ts';
import { type BundleJobs, createBundleJobs } from '../../collector/bundles/bundle-jobs.ts';
import { createControlHub } from '../../collector/control/hub.ts';
import { createAuditTrail } from '../../collector/state/audit.ts';
import { openState } from '../../collector/state/state.ts';
import type { Store } from '../../collector/store/store.ts';
import { loadSettings } from '../../config/load.ts';

const minute = Date.UTC(2026, 10, 20, 10);

/** What asks for a bundle of the prepared samples. */
export const preparedRequest = (redaction: 'none' | 'standard' = 'standard'): Parameters<BundleJobs['create']>[0] => ({
  ...{ fromUnixMs: minute - 60_000, untilUnixMs: minute + 60_000, nodes: [], roles: [] },
  ...{ redaction, requestedBy: 'test' },
});

/**
 * The collector's bundle jobs over a real state.db, with so many prepared samples (300 random bytes each, hardly to be
 * compressed, with a password beside them) where the storage engine would be.
 */
export function openPreparedJobs(
  dataDir: string,
  samples: () => number,
  recipients?: readonly string[],
): { jobs: BundleJobs; close(): Promise<void> } {
  const nowMs = Date.now;
  const rows = (): unknown[] =>
    Array.from({ length: samples() }, (_, at) => ({
      timestamp: new Date(minute + (at % 60_000)).toISOString(),
      ...{ node: collectorNode, name: 'test.value', kind: 'gauge', value: at, unit: '1' },
      attributes: {
        text:
          randomBytes(300)
            .toString('hex')
            .match(/.{1,5}/g)
            ?.join(' ') ?? '',
        note: `password=hunter${at}`,
      },
      ...{ histogram: '', monotonic: 0, deltaSince: '' },
    }));
  const query = async (sql: string): Promise<unknown> => {
    if (sql.includes('minuteUnixMs') && sql.includes('samples')) {
      return { rows: [{ node: collectorNode, minuteUnixMs: minute, samples: 1 }] };
    }
    return { rows: sql.includes('deltaSince') ? rows() : [] };
  };
  const state = openState(join(dataDir, 'collector'), { nowMs });
  const jobs = createBundleJobs(
    {
      ...{ folder: join(dataDir, 'bundles'), keysFolder: join(dataDir, 'keys'), journalFolder: dataDir, state },
      settings: loadSettings({
        dataDir,
        ...(recipients && { overrides: { 'collector.bundles.recipients': [...recipients] } }),
      }),
      store: { query } as unknown as Pick<Store, 'query' | 'local'>,
      hub: createControlHub({ onHandlerError: () => {} }),
      registry: { list: () => [], inventory: () => undefined },
      ...{ peers: { list: () => [] }, alerts: { list: () => [] }, audit: createAuditTrail(state, { nowMs }) },
      ...{ log: pino({ level: 'silent' }), nowMs },
    },
    { settleMs: 0, maxRunning: 1 },
  );
  return {
    jobs,
    close: async () => {
      await jobs.close();
      state.close();
    },
  };
}
