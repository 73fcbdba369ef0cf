import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundleRoutes } from '../../../collector/api/bundle-routes.ts';
import type { BundleJob } from '../../../collector/api/shapes/bundles.ts';
import type { BundleJobs } from '../../../collector/bundles/bundle-jobs.ts';
import { type BundleRecord, createBundleRecords } from '../../../collector/bundles/bundle-record.ts';
import { localToken, startSite } from '../collector/api/site.ts';
import { sextant } from './run-sextant.ts';

const ids = ['ab12000000000000', 'ab34000000000000', 'cd56000000000000', 'cd56000000000000e'];
const job = (id: string): BundleJob => ({
  ...{ id, name: `sx-site-20261120T000000Z-${id}`, state: 'complete', error: null, path: null, items: [] },
  ...{ createdAt: '2026-11-20T00:00:00.000Z', finishedAt: '2026-11-20T00:00:01.000Z', removedAt: null },
  ...{
    from: '2026-11-20T00:00:00.000Z',
    until: '2026-11-20T00:00:00.000Z',
    bytes: 1,
    nodes: [],
    roles: [],
    classes: [],
  },
  ...{ origin: 'request' as const, requestedBy: 'eva', redaction: 'standard' as const },
  progress: { bytes: 1, expectedBytes: null, unknownSources: 0, elapsedMs: 1000, remainingMs: null },
});

/** A collector that has these bundles, and what it was asked to remove. */
async function site() {
  const removed: string[] = [];
  const jobs = {
    list: (start = '') => ids.filter((id) => id.startsWith(start)).map(job),
    remove: async (id: string) => {
      removed.push(id);
      return job(id);
    },
  } as unknown as BundleJobs;
  const started = await startSite({ plugins: [bundleRoutes({ jobs, audit: () => {} })] });
  const collector = join(started.folder, 'collector');
  for (const id of ids) mkdirSync(join(collector, 'bundles', job(id).name), { recursive: true });
  const endpoint = { url: `https://127.0.0.1:${started.port}`, token: localToken, pid: 1 };
  const caFile = join(started.folder, 'ca', 'ca.crt');
  writeFileSync(join(collector, 'endpoint.json'), JSON.stringify({ ...endpoint, caFile }));
  return { ...started, removed, at: ['--data-dir', started.folder] };
}

const several = expect.stringMatching(
  /^SX_BAD_REQUEST: the ids of 2 bundles begin with ab: ab12000000000000, ab34000000000000\n {2}→ write more of its characters\n$/,
);

test('the first characters of an id are enough when they fit one bundle; else those that fit are named', async () => {
  const { at, removed } = await site();
  expect((await sextant(['bundle', 'status', 'ab1', ...at])).out).toContain(job('ab12000000000000').name);
  // An id is itself, whatever else begins with it.
  expect((await sextant(['bundle', 'status', 'cd56000000000000', ...at])).out).toMatch(/-cd56000000000000\n/);
  expect(await sextant(['bundle', 'cancel', 'ab3', ...at])).toMatchObject({
    code: 0,
    out: 'ab34000000000000 had ended already: complete.\n',
  });
  for (const command of ['status', 'cancel', 'delete']) {
    expect(await sextant(['bundle', command, 'ab', ...at]), command).toMatchObject({ code: 2, err: several });
    const none = await sextant(['bundle', command, 'zz', ...at]);
    expect([none.code, none.err], command).toEqual([
      1,
      expect.stringMatching(/^SX_NOT_FOUND: there is no bundle zz\n/),
    ]);
  }
  // One that is not clear leaves the others too; one that is named twice is removed once.
  await sextant(['bundle', 'delete', 'ab1', 'cd', ...at]);
  expect(removed).toEqual([]);
  await sextant(['bundle', 'delete', 'ab1', 'ab12', 'ab3', ...at]);
  expect(removed).toEqual(['ab12000000000000', 'ab34000000000000']);
});

test('export takes them too, from the folder of bundles', async () => {
  const { at, folder } = await site();
  const call = (id: string) => sextant(['bundle', 'export', id, '--to', folder, '--no-eject', ...at], folder);
  expect(await call('ab')).toMatchObject({ code: 2, err: several });
  expect((await call('ab1')).err).not.toContain('there is no bundle');
  expect((await call('zz')).err).toContain('there is no bundle zz');
});

test('records are listed by how their ids begin', async () => {
  const { state } = await site();
  const records = createBundleRecords(state);
  const record = (id: string, createdUnixMs: number): BundleRecord => ({
    ...{ id, name: `sx-site-20261120T000000Z-${id}`, state: 'complete', createdUnixMs, finishedUnixMs: 1 },
    ...{ fromUnixMs: 0, untilUnixMs: 1, bytes: 1, error: null, requestedBy: 'eva', origin: 'request', nodes: [] },
    ...{ roles: [], classes: [], redaction: 'standard', items: [], caps: { perClass: {} }, raw: false, parquet: false },
    ...{ attempts: 1, removedUnixMs: null },
  });
  for (const [at, id] of ids.entries()) records.save(record(id, at));
  const listed = (limit: number, start?: string) => records.list(limit, start).map(({ id }) => id);
  expect(listed(9)).toEqual([...ids].reverse());
  expect(listed(9, 'ab')).toEqual([ids[1], ids[0]]);
  expect(listed(1, 'cd')).toEqual([ids[3]]);
  expect(listed(9, '%')).toEqual([]);
});
