import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createBundleJobs } from '../../../../collector/bundles/bundle-jobs.ts';
import { type BundleRecord, createBundleRecords } from '../../../../collector/bundles/bundle-record.ts';
import { createControlHub } from '../../../../collector/control/hub.ts';
import { createAuditTrail } from '../../../../collector/state/audit.ts';
import { openState } from '../../../../collector/state/state.ts';
import { loadSettings } from '../../../../config/load.ts';
import { patient } from '../../../patience.ts';
import { silentLog } from '../api/site.ts';
import { noStorage } from './no-storage.ts';

const hour = 3_600_000;

const broken = (id: string, over: Partial<BundleRecord>): BundleRecord => ({
  ...{ id, name: `sx-site-20261128T000000Z-${id}`, state: 'gathering', fromUnixMs: 0, untilUnixMs: 1 },
  ...{ createdUnixMs: Date.now() - hour, finishedUnixMs: null, bytes: 0, error: null, requestedBy: 'eva' },
  ...{ origin: 'request', nodes: ['n1'], roles: [], classes: [], redaction: 'standard', items: [], attempts: 1 },
  caps: { perClass: {} },
  raw: false,
  parquet: false,
  removedUnixMs: null,
  ...over,
});

/** Jobs over a real state.db whose one node never comes. */
function site() {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-resume-'));
  const nowMs = () => Date.now();
  const state = openState(folder, { nowMs });
  onTestFinished(() => {
    state.close();
    rmSync(folder, { recursive: true });
  });
  const records = createBundleRecords(state);
  const bundles = join(folder, 'bundles');
  const open = () =>
    createBundleJobs({
      ...{
        folder: bundles,
        journalFolder: folder,
        keysFolder: join(folder, 'keys'),
        state,
        settings: loadSettings({ dataDir: folder }),
      },
      store: noStorage,
      hub: createControlHub({ onHandlerError: () => {} }),
      registry: { list: () => [], inventory: () => undefined },
      ...{ peers: { list: () => [] }, alerts: { list: () => [] }, audit: createAuditTrail(state, { nowMs }) },
      ...{ log: silentLog, nowMs },
    });
  return { records, bundles, open };
}

test('what a stop broke off is begun again, and stays to be begun again at the next stop', async () => {
  const { records, bundles, open } = site();
  for (const id of ['aaaaaaaa', 'bbbbbbbb']) records.save(broken(id, {}));
  records.save(broken('cccccccc', { state: 'waiting', attempts: 0 }));
  mkdirSync(join(bundles, `${broken('aaaaaaaa', {}).name}.partial`, 'data'), { recursive: true });
  const jobs = open();
  await jobs.start();
  await expect
    .poll(
      () =>
        jobs
          .list()
          .map(({ state }) => state)
          .sort(),
      patient,
    )
    .toEqual([...['gathering', 'gathering', 'waiting']]);
  await jobs.close();
  expect(
    records
      .unfinished()
      .map(({ id, attempts }) => `${id} ${attempts}`)
      .sort(),
  ).toEqual([...['aaaaaaaa 2', 'bbbbbbbb 2', 'cccccccc 0']]);
  expect(readdirSync(bundles)).toEqual([]);
  const again = open();
  await again.start();
  await expect.poll(() => again.list().map(({ state }) => state), patient).toContain('gathering');
  for (const { id } of again.list()) again.cancel(id);
  await expect
    .poll(() => again.list().map(({ state }) => state), patient)
    .toEqual([...['cancelled', 'cancelled', 'cancelled']]);
  await again.close();
});

test('what is cancelled while it begins ends then, and waits for no node', async () => {
  const { records, bundles, open } = site();
  records.save(broken('aaaaaaaa', {}));
  const jobs = open();
  await jobs.start();
  // Its folder is not made yet, and no node has been asked.
  jobs.cancel('aaaaaaaa');
  await expect.poll(() => jobs.get('aaaaaaaa').state, patient).toBe('cancelled');
  expect(readdirSync(bundles)).toEqual([]);
  await jobs.close();
});

test('what was begun three times, or asked for a day ago, is failed and removed', async () => {
  const { records, bundles, open } = site();
  records.save(broken('aaaaaaaa', { attempts: 3 }));
  records.save(broken('bbbbbbbb', { createdUnixMs: Date.now() - 25 * hour }));
  mkdirSync(join(bundles, `${broken('aaaaaaaa', {}).name}.partial`), { recursive: true });
  const jobs = open();
  await jobs.start();
  for (const id of ['aaaaaaaa', 'bbbbbbbb']) {
    expect(jobs.get(id)).toMatchObject({ state: 'failed', error: 'the collector stopped while this bundle was made' });
  }
  expect(readdirSync(bundles)).toEqual([]);
  await jobs.close();
});

test('what progress told of sources is kept; of jobs that an earlier release made nothing is told', async () => {
  const { records, open } = site();
  const item = { node: 'n1', source: 'r/a', state: 'ok', bytes: 7, first: null, last: null, reason: null };
  const figures = {
    records: { count: 2, of: 'files' as const },
    elapsedMs: 1234,
    expected: { bytes: 9, basis: 'last-run' as const },
  };
  const ended = { state: 'complete' as const, finishedUnixMs: Date.now() };
  records.save(broken('aaaaaaaa', { ...ended, items: [{ ...item, ...figures }] }));
  records.save(broken('bbbbbbbb', { ...ended, items: [item as BundleRecord['items'][number]] }));
  const jobs = open();
  await jobs.start();
  expect(jobs.get('aaaaaaaa').items).toEqual([{ ...item, ...figures }]);
  expect(jobs.get('bbbbbbbb').items).toEqual([{ ...item, records: null, elapsedMs: null, expected: null }]);
  await jobs.close();
});

test('where storage does not answer how much is stored stays unknown, and nothing waits for it', async () => {
  const { records, open } = site();
  records.save(broken('aaaaaaaa', {}));
  const jobs = open();
  await jobs.start();
  await expect.poll(() => jobs.get('aaaaaaaa').state, patient).toBe('gathering');
  expect(jobs.get('aaaaaaaa').progress).toMatchObject({ expectedBytes: null, unknownSources: 1, remainingMs: null });
  await jobs.close();
});
