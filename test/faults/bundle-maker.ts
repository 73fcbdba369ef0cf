import { randomBytes } from 'node:crypto';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { collectorNode } from '../../bundle/coverage.ts';
import { createBundleJobs } from '../../collector/bundles/bundle-jobs.ts';
import { createControlHub } from '../../collector/control/hub.ts';
import { createAuditTrail } from '../../collector/state/audit.ts';
import { openState } from '../../collector/state/state.ts';
import type { Store } from '../../collector/store/store.ts';
import { loadSettings } from '../../config/load.ts';

/**
 * The collector's bundle jobs over a real state.db, with prepared samples where the storage engine would be: a process that
 * can be killed and started again far faster than a whole collector. Waits for a line, starts, says what it found, and then
 * makes one bundle after the other; `finish` makes what was begun and ends.
 */
const [dataDir = '', until = ''] = process.argv.slice(2);

const minute = Date.UTC(2026, 10, 20, 10);
/** Hardly to be compressed, so that encrypting takes its time. */
const samples = Array.from({ length: 1000 }, (_, at) => ({
  timestamp: new Date(minute + at).toISOString(),
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
    return { rows: [{ node: collectorNode, minuteUnixMs: minute, samples: samples.length }] };
  }
  return { rows: sql.includes('deltaSince') ? samples : [] };
};

// A killed process would not write it at its end.
flushCompileCache();
// What was loaded before this line need not be waited for between two kills.
await new Promise((resolve) => process.stdin.once('data', resolve));
process.stdin.destroy();
const nowMs = Date.now;
const state = openState(join(dataDir, 'collector'), { nowMs });
const jobs = createBundleJobs(
  {
    ...{ folder: join(dataDir, 'bundles'), keysFolder: join(dataDir, 'keys'), state },
    settings: loadSettings({ dataDir }),
    store: { query } as unknown as Pick<Store, 'query'>,
    hub: createControlHub({ onHandlerError: () => {} }),
    registry: { list: () => [], inventory: () => undefined },
    ...{ peers: { list: () => [] }, alerts: { list: () => [] }, audit: createAuditTrail(state, { nowMs }) },
    ...{ log: pino({ level: 'silent' }), nowMs },
  },
  { settleMs: 0, maxRunning: 1 },
);
const under = ['waiting', 'gathering', 'writing'];
const unfinished = () => jobs.list().filter((job) => under.includes(job.state));
const say = (what: string): void =>
  void process.stdout.write(
    `${JSON.stringify({ what, jobs: jobs.list().map(({ name, state, error }) => ({ name, state, error })) })}\n`,
  );

await jobs.start();
say('ready');
for (;;) {
  if (until === '' && unfinished().length === 0) {
    await jobs.create({
      ...{ fromUnixMs: minute - 60_000, untilUnixMs: minute + 60_000, nodes: [], roles: [] },
      ...{ redaction: 'standard', requestedBy: 'test' },
    });
  }
  while (unfinished().length > 0) await pause(2);
  say('made');
  if (until === 'finish') break;
}
await jobs.close();
state.close();
