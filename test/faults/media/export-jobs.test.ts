import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { verifyBundle } from '../../../bundle/verify.ts';
import type { BundleJob } from '../../../collector/api/shapes/bundles.ts';
import { createExportJobs } from '../../../collector/exports/export-jobs.ts';
import { createTokens } from '../../../collector/identity/tokens.ts';
import { createAuditTrail } from '../../../collector/state/audit.ts';
import { openState } from '../../../collector/state/state.ts';
import { programEnvironment } from '../../../config/environment.ts';
import { driveId } from '../../../media/drives/drive.ts';
import { linuxDrives } from '../../../media/drives/system-linux.ts';
import { createMediaProcesses } from '../../../media/process/media-process.ts';
import { silentLog } from '../../unit/collector/api/site.ts';
import { type Image, makeImage, possibleFilesystems } from './image.ts';
import { makeRandomBundle } from './random-bundle.ts';

const possible = possibleFilesystems().includes('ext4');
const work = mkdtempSync(join(tmpdir(), 'sextant-export-jobs-'));
const media = createMediaProcesses({ environment: programEnvironment() });
const patience = { timeout: 60_000, interval: 20 };
let bundlePath: string;

beforeAll(async () => {
  bundlePath = await makeRandomBundle(work, 6, 2 * 2 ** 20);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Jobs of a collector whose site allows the one image; the process for media is the real one. */
async function site() {
  const image: Image = makeImage('ext4', 60);
  await image.mount();
  const folder = mkdtempSync(join(tmpdir(), 'sextant-export-state-'));
  const nowMs = () => Date.now();
  const state = openState(folder, { nowMs });
  const trail = createAuditTrail(state, { nowMs });
  const drive = await linuxDrives().of(image.folder);
  const exports = createExportJobs(
    {
      bundles: {
        get: (id) => ({ id, name: basename(bundlePath), bytes: 12 * 2 ** 20 }) as BundleJob,
        hold: () => ({ folder: bundlePath, release: () => undefined }),
      },
      ...{ media, tokens: createTokens(state, { nowMs }), state, audit: trail.record, log: silentLog, nowMs },
    },
    { allowedDevices: [drive.volumeId ?? ''], approvers: [], approvals: 0 },
  );
  onTestFinished(async () => {
    await exports.close();
    await image.remove();
    state.close();
    rmSync(folder, { recursive: true });
    for (const name of readdirSync(work)) if (/\.(export|receipt)-/.test(name)) rmSync(join(work, name));
  });
  const wish = { bundle: 'k3v9x2m4p7q1', drive: driveId(drive), resume: false, split: false, eject: true, who: 'eva' };
  const ended = (id: string) =>
    vi.waitFor(() => {
      const job = exports.get(id);
      expect(job.finishedAt).not.toBeNull();
      return job;
    }, patience);
  return { image, exports, trail, wish, ended, copy: join(image.folder, basename(bundlePath)) };
}

test.skipIf(!possible)(
  'a bundle goes to the drive that was asked for, is read back there, and the drive is let go',
  async () => {
    const { image, exports, trail, wish, ended, copy } = await site();
    expect((await exports.drives()).map(({ path, refusal }) => [path, refusal])).toEqual([[image.folder, null]]);
    const job = await ended((await exports.create(wish)).id);
    expect(job).toMatchObject({ state: 'complete', missing: [], receipt: { path: copy, readBack: ['direct'] } });
    expect(job.receipt?.ejected).toMatchObject([
      { step: 'sync', done: true },
      { step: 'unmount', done: true },
    ]);
    expect(readdirSync(image.folder)).toEqual([]);
    await image.mount();
    expect((await verifyBundle(copy)).ok).toBe(true);
    expect(JSON.parse(readFileSync(`${copy}.receipt.json`, 'utf8'))).toMatchObject({ state: 'complete', who: 'eva' });
    const steps = trail.list({ limit: 50 }).map(({ event }) => event);
    expect(new Set(steps)).toEqual(
      new Set(['requested', 'started', 'medium', 'medium-done', 'ejected', 'complete'].map((step) => `export.${step}`)),
    );
  },
  90_000,
);

test.skipIf(!possible)(
  'one that is cancelled leaves no bundle, and the next goes on with what is there',
  async () => {
    const { exports, wish, ended, copy } = await site();
    const { id } = await exports.create(wish);
    await vi.waitFor(() => expect(exports.get(id).progress?.doneBytes).toBeGreaterThan(0), patience);
    exports.cancel(id, 'eva');
    const cancelled = await ended(id);
    if (cancelled.state === 'cancelled') expect((await verifyBundle(copy)).ok).toBe(false);
    const again = await ended((await exports.create({ ...wish, resume: true, eject: false })).id);
    expect(again).toMatchObject({ state: 'complete', receipt: { path: copy } });
    expect((await verifyBundle(copy)).ok).toBe(true);
  },
  90_000,
);

test.skipIf(!possible)(
  'a medium that is torn away is waited for, and the job says so',
  async () => {
    const { image, exports, trail, wish, ended, copy } = await site();
    const { id } = await exports.create({ ...wish, eject: false });
    await vi.waitFor(() => expect(exports.get(id).progress?.doneBytes).toBeGreaterThan(0), patience);
    await image.tear();
    await vi.waitFor(() => expect(['waiting-for-medium', 'complete']).toContain(exports.get(id).state), patience);
    const noticed = exports.get(id).state === 'waiting-for-medium';
    await image.mount();
    const job = await ended(id);
    expect(job.state).toBe('complete');
    expect((await verifyBundle(copy)).ok).toBe(true);
    const events = trail.list({ limit: 50 }).map(({ event }) => event);
    if (noticed) expect(events).toEqual(expect.arrayContaining(['export.lost', 'export.back']));
  },
  90_000,
);
