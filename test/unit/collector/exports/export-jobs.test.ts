import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { expect, onTestFinished, test, vi } from 'vitest';
import { answers } from '../../../../collector/api/openapi/answers.ts';
import type { BundleJob } from '../../../../collector/api/shapes/bundles.ts';
import { createExportJobs, type ExportJobsOptions } from '../../../../collector/exports/export-jobs.ts';
import { createTokens } from '../../../../collector/identity/tokens.ts';
import { createAuditTrail } from '../../../../collector/state/audit.ts';
import { openState } from '../../../../collector/state/state.ts';
import { SextantError } from '../../../../errors/sextant-error.ts';
import { type Drive, driveId } from '../../../../media/drives/drive.ts';
import type { ExportResult } from '../../../../media/export/export-bundle.ts';
import type { MediaProcesses } from '../../../../media/process/media-process.ts';
import type { ExportOrder, MediaMessage } from '../../../../media/process/messages.ts';
import { patient } from '../../../patience.ts';
import { silentLog } from '../api/site.ts';

const stick: Drive = {
  ...{ path: '/media/stick', device: '/dev/sdb1', bus: 'usb', removable: true, removableBecause: 'usb bus' },
  ...{ vendor: 'Acme', model: 'Stick', serial: 'S1', volumeId: 'V1', label: 'STICK', filesystem: 'exfat' },
  ...{ totalBytes: 1000, freeBytes: 900, readOnlyBecause: null },
};
const other: Drive = { ...stick, path: '/media/other', serial: 'S2', volumeId: 'V2' };
const disk: Drive = { ...stick, path: '/', device: '/dev/sda1', removable: false, serial: 'D', volumeId: null };
const wish = { bundle: 'bundle001', drive: driveId(stick), resume: false, split: false, eject: true, who: 'bob' };

/** Jobs over a real state.db and real tokens; what the process for media does is up to the test. */
function site(change: Partial<ExportJobsOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-exports-'));
  const clock = { nowMs: Date.UTC(2026, 10, 28) };
  const nowMs = () => clock.nowMs;
  const state = openState(folder, { nowMs });
  onTestFinished(() => {
    state.close();
    rmSync(folder, { recursive: true });
  });
  const trail = createAuditTrail(state, { nowMs });
  const tokens = createTokens(state, { nowMs });
  const held = new Set<string>();
  const runs: {
    order: ExportOrder;
    signal: AbortSignal;
    say: (message: MediaMessage) => void;
    end: PromiseWithResolvers<ExportResult>;
  }[] = [];
  const media: MediaProcesses = {
    listDrives: async () => [stick, other, disk],
    runExport: (order, { signal, onMessage }) => {
      const end = Promise.withResolvers<ExportResult>();
      signal.addEventListener('abort', () => end.reject(signal.reason));
      runs.push({ order, signal, say: onMessage, end });
      return end.promise;
    },
  };
  const options: ExportJobsOptions = { allowedDevices: ['S1'], approvers: [], approvals: 0, ...change };
  const open = () =>
    createExportJobs(
      {
        bundles: {
          get: (id) => ({ id, name: `sx-site-20261128T000000Z-${id}`, bytes: 100 }) as BundleJob,
          hold: (id) => {
            if (!id.startsWith('bundle')) throw new SextantError('SX_NOT_FOUND', `bundle ${id} is gathering`);
            held.add(id);
            return { folder: join(folder, id), release: () => held.delete(id) };
          },
        },
        ...{ media, tokens, state, audit: trail.record, log: silentLog, nowMs },
      },
      options,
    );
  const events = () =>
    trail
      .list({ limit: 100 })
      .reverse()
      .map(({ event, who }) => `${event} ${who}`);
  return { exports: open(), open, runs, held, events, trail, tokens, clock };
}

const done = (missing: string[] = []): ExportResult => ({
  ...{ exportId: 'e'.repeat(12), bundle: 'b', missing, journalPath: '/j' },
  media: [
    {
      path: '/media/stick/b',
      receipt: {
        parts: [{ path: 'bagit.txt', bytes: 7, readBack: 'direct' }],
        interruptions: [],
      } as unknown as ExportResult['media'][number]['receipt'],
      ejected: [{ step: 'unmount', done: true, detail: 'umount /media/stick' }],
    },
  ],
});

test('an export to an allowed drive runs, holds its bundle, and each step is in the audit', async () => {
  const { exports, runs, held, events } = site();
  const { id } = await exports.create(wish);
  const run = runs[0];
  expect(run?.order).toMatchObject({ drive: driveId(stick), who: 'bob', allowedDevices: ['S1'], eject: true });
  expect([...held]).toEqual(['bundle001']);
  run?.say({ type: 'journal', entry: { at: '', event: 'medium', medium: 1, folder: '/media/stick', identity: stick } });
  run?.say({ type: 'step', step: { at: 'copy', part: 'data/n1.v001.zip', bytes: 100 } });
  run?.say({ type: 'bytes', bytes: 60 });
  expect(exports.get(id)).toMatchObject({
    state: 'running',
    progress: { step: 'copy', part: 'data/n1.v001.zip', doneBytes: 60, totalBytes: 200 },
  });
  run?.say({ type: 'step', step: { at: 'waiting', reason: 'EIO', waitMs: 1000 } });
  expect(exports.get(id)).toMatchObject({ state: 'waiting-for-medium', reason: 'EIO' });
  run?.say({ type: 'step', step: { at: 'back' } });
  run?.say({ type: 'journal', entry: { at: '', event: 'medium-done', medium: 1 } });
  run?.end.resolve(done());
  await vi.waitFor(() => expect(exports.get(id).state).toBe('complete'), patient);
  expect(exports.get(id)).toMatchObject({ reason: null, receipt: { parts: 1, bytes: 7, readBack: ['direct'] } });
  await vi.waitFor(() => expect(held.size).toBe(0), patient);
  expect(events()).toEqual(
    ['requested', 'started', 'medium', 'medium-done', 'complete'].map((step) => `export.${step} bob`),
  );
  expect([...Value.Errors(answers.ExportList, exports.list())]).toEqual([]);
  expect([...Value.Errors(answers.Drives, await exports.drives())]).toEqual([]);
});

test('nothing may be exported over the API before a drive is allowed, and a refused try is in the audit', async () => {
  const none = site({ allowedDevices: [] });
  expect((await none.exports.drives()).map(({ path, refusal }) => [path, refusal === null])).toEqual([
    ['/media/stick', false],
    ['/media/other', false],
  ]);
  await expect(none.exports.create(wish)).rejects.toMatchObject({ code: 'SX_EXPORT_REFUSED' });
  const one = site();
  await expect(one.exports.create({ ...wish, drive: driveId(other) })).rejects.toThrow(/S2, volume V2.*media.devices/);
  await expect(one.exports.create({ ...wish, drive: driveId(disk) })).rejects.toThrow(/not on the site’s list/);
  await expect(one.exports.create({ ...wish, drive: '0'.repeat(16) })).rejects.toMatchObject({ code: 'SX_NOT_FOUND' });
  await expect(one.exports.create({ ...wish, bundle: 'unfinished' })).rejects.toMatchObject({ code: 'SX_NOT_FOUND' });
  expect(one.runs).toEqual([]);
  expect(one.events()).toEqual(['export.refused bob', 'export.refused bob']);
});

test('with two persons demanded, only another approver starts it', async () => {
  const { exports, runs, tokens, events } = site({
    approvals: 1,
    approvers: ['alice=RWQ', 'bob', 'carol', 'dave', 'erin'],
  });
  const give = (name: string, createdBy: string) =>
    tokens.create({ kind: 'api', name, role: 'administrator', createdBy });
  for (const name of ['alice', 'bob', 'frank']) give(name, 'local');
  give('carol', 'bob');
  give('dave', 'carol');
  give('erin', 'local');
  give('bob', 'erin');
  const { id, state } = await exports.create(wish);
  expect(state).toBe('waiting-for-approval');
  const refused = (who: string): string => {
    try {
      exports.approve(id, who);
    } catch (error) {
      return (error as Error).message;
    }
    return 'approved';
  };
  expect(refused('bob')).toMatch(/bob asked for this export/);
  expect(refused('frank')).toMatch(/frank is not one of this site’s approvers/);
  expect(refused('carol')).toMatch(/bob made a token of carol/);
  expect(refused('dave')).toMatch(/bob made a token of dave/);
  expect(refused('erin')).toMatch(/erin made a token of bob/);
  expect(runs).toEqual([]);
  expect(refused('alice')).toBe('approved');
  expect(runs[0]?.order.approvedBy).toEqual(['alice']);
  expect(refused('alice')).toMatch(/waits for no approval: it is running/);
  expect(events().filter((event) => event.startsWith('export.refused'))).toHaveLength(5);
  expect(events()).toContain('export.approved alice');
});

test('an administrator who made the tokens of both is no second person', async () => {
  const { exports, tokens } = site({ approvals: 1, approvers: ['alice'] });
  for (const name of ['alice', 'bob'])
    tokens.create({ kind: 'signin', name, role: 'administrator', createdBy: 'mallory' });
  const { id } = await exports.create(wish);
  expect(() => exports.approve(id, 'alice')).toThrow(/mallory made tokens of both/);
});

test('a request that nobody approves lapses after a day', async () => {
  const { exports, clock } = site({ approvals: 1, approvers: ['alice'] });
  const { id } = await exports.create(wish);
  clock.nowMs += 25 * 3_600_000;
  expect(() => exports.approve(id, 'alice')).toThrow(/it is cancelled/);
});

test('one runs at a time; one that waits or runs can be cancelled, and the next goes on', async () => {
  const { exports, runs, events } = site();
  const first = await exports.create(wish);
  const second = await exports.create({ ...wish, bundle: 'bundle002' });
  const third = await exports.create({ ...wish, bundle: 'bundle003' });
  await expect(exports.create(wish)).rejects.toMatchObject({ code: 'SX_CONFLICT' });
  expect(exports.cancel(second.id, 'carol').state).toBe('cancelled');
  expect(runs).toHaveLength(1);
  exports.cancel(first.id, 'carol');
  await vi.waitFor(() => expect(exports.get(first.id).state).toBe('cancelled'), patient);
  await vi.waitFor(() => expect(runs).toHaveLength(2), patient);
  expect(exports.get(third.id).state).toBe('running');
  expect(events().filter((event) => event === 'export.cancelled carol')).toHaveLength(2);
  expect(exports.cancel(first.id, 'carol').state).toBe('cancelled');
});

test('a failure says what to do, and what the collector’s stop broke off is told apart; what waited goes on', async () => {
  const { exports, open, runs } = site();
  const failed = await exports.create(wish);
  runs[0]?.end.reject(new SextantError('SX_MEDIUM_FULL', 'the stick is full'));
  await vi.waitFor(() => expect(exports.get(failed.id).state).toBe('failed'), patient);
  expect(exports.get(failed.id)).toMatchObject({ reason: 'the stick is full', nextStep: /free space/ });
  const running = await exports.create(wish);
  const waiting = await exports.create({ ...wish, bundle: 'bundle002' });
  await exports.close();
  expect(exports.get(running.id)).toMatchObject({ state: 'interrupted', nextStep: /export it again/ });
  const again = open();
  expect(again.get(running.id).state).toBe('interrupted');
  expect(again.get(waiting.id).state).toBe('running');
  const crashed = open();
  expect(crashed.get(waiting.id)).toMatchObject({ state: 'interrupted', reason: /the collector stopped/ });
});
