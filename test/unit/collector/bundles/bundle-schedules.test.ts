import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { BundleJob } from '../../../../collector/api/shapes/bundles.ts';
import type { BundleJobs } from '../../../../collector/bundles/bundle-jobs.ts';
import { createBundleSchedules, type SchedulePlan } from '../../../../collector/bundles/bundle-schedules.ts';
import { parseCron } from '../../../../collector/bundles/cron-times.ts';
import { createAuditTrail } from '../../../../collector/state/audit.ts';
import { openState } from '../../../../collector/state/state.ts';
import { SextantError } from '../../../../errors/sextant-error.ts';
import { silentLog } from '../api/site.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** A Saturday. */
const begin = Date.UTC(2026, 10, 28);
const nightly: SchedulePlan = {
  name: 'nightly',
  cron: '0 3 * * *',
  windowMs: day,
  nodes: ['n1'],
  roles: ['logs'],
  classes: ['logs', 'files'],
  redaction: 'strict',
  parquet: true,
};

/** Schedules over a real state.db; jobs end when the test says so. */
function site() {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-schedules-'));
  const clock = { nowMs: begin };
  const nowMs = () => clock.nowMs;
  const state = openState(folder, { nowMs });
  onTestFinished(() => {
    state.close();
    rmSync(folder, { recursive: true });
  });
  const asked: Parameters<BundleJobs['create']>[0][] = [];
  const jobs = new Map<string, BundleJob>();
  const trouble: { error?: Error | undefined } = {};
  const audit = createAuditTrail(state, { nowMs });
  const open = () =>
    createBundleSchedules({
      jobs: {
        create: async (request) => {
          if (trouble.error) throw trouble.error;
          asked.push(request);
          const job = { id: `job${asked.length}`, state: 'gathering' } as BundleJob;
          jobs.set(job.id, job);
          return job;
        },
        get: (id) => {
          const job = jobs.get(id);
          if (!job) throw new SextantError('SX_NOT_FOUND', id);
          return job;
        },
      },
      state,
      audit: audit.record,
      log: silentLog,
      nowMs,
    });
  const finish = () => {
    for (const job of jobs.values()) job.state = 'complete';
  };
  return { schedules: open(), open, asked, jobs, finish, clock, trouble, audit };
}

test('a bundle is made once at each of its times, of its window, nodes, roles and classes', async () => {
  const { schedules, asked, finish, clock } = site();
  schedules.create(nightly, 'eva');
  await schedules.follow();
  clock.nowMs = begin + 3 * hour - 1000;
  await schedules.follow();
  expect(asked).toEqual([]);
  clock.nowMs = begin + 3 * hour + 5000;
  await schedules.follow();
  await schedules.follow();
  finish();
  await schedules.follow();
  expect(asked).toEqual([
    {
      fromUnixMs: begin + 3 * hour - day,
      untilUnixMs: begin + 3 * hour + 5000,
      ...{
        nodes: ['n1'],
        roles: ['logs'],
        classes: ['files', 'logs'],
        redaction: 'strict',
        requestedBy: 'nightly',
        origin: 'schedule',
      },
      parquet: true,
    },
  ]);
  clock.nowMs = begin + 27 * hour + 5000;
  await schedules.follow();
  expect(asked).toHaveLength(2);
  expect(schedules.list()).toMatchObject([
    {
      name: 'nightly',
      nextRunAt: '2026-11-30T03:00:00.000Z',
      lastRunAt: '2026-11-29T03:00:05.000Z',
      lastBundle: 'job2',
      lastState: 'gathering',
      lastError: null,
    },
  ]);
});

test('what was due while the collector was down is made up for by one bundle that reaches as far back', async () => {
  const { schedules, open, asked, clock } = site();
  schedules.create(nightly, 'eva');
  await schedules.close();
  clock.nowMs = begin + 2 * day + 12 * hour;
  const again = open();
  await again.follow();
  await again.follow();
  expect(asked).toMatchObject([{ fromUnixMs: begin + 3 * hour - day, untilUnixMs: clock.nowMs }]);
  expect(again.list()).toMatchObject([{ nextRunAt: '2026-12-01T03:00:00.000Z' }]);
});

test('after a month of downtime the window is a week', async () => {
  const { schedules, asked, clock } = site();
  schedules.create(nightly, 'eva');
  clock.nowMs = begin + 30 * day;
  await schedules.follow();
  expect(asked).toMatchObject([{ fromUnixMs: clock.nowMs - 7 * day, untilUnixMs: clock.nowMs }]);
});

test('a bundle that takes longer than its interval is waited for', async () => {
  const { schedules, asked, finish, clock } = site();
  schedules.create({ ...nightly, cron: '* * * * *', windowMs: minute }, 'eva');
  for (let at = 1; at <= 5; at++) {
    clock.nowMs = begin + at * minute;
    await schedules.follow();
  }
  expect(asked).toHaveLength(1);
  finish();
  await schedules.follow();
  expect(asked).toHaveLength(2);
  expect(asked[1]).toMatchObject({ fromUnixMs: begin + minute });
});

test('what passes is tried again, what does not is told and given up until the next time', async () => {
  const { schedules, asked, clock, trouble } = site();
  schedules.create(nightly, 'eva');
  clock.nowMs = begin + 4 * hour;
  trouble.error = new SextantError('SX_UNAVAILABLE', 'too many bundles wait already');
  await schedules.follow();
  expect(schedules.list()).toMatchObject([{ lastError: 'too many bundles wait already' }]);
  trouble.error = undefined;
  await schedules.follow();
  expect(asked).toHaveLength(1);
  clock.nowMs += day;
  trouble.error = new SextantError('SX_NOT_FOUND', 'there is no node n1');
  await schedules.delete('nightly', 'eva');
  schedules.create(nightly, 'eva');
  clock.nowMs += day;
  await schedules.follow();
  expect(schedules.list()).toMatchObject([{ lastError: 'there is no node n1', nextRunAt: '2026-12-01T03:00:00.000Z' }]);
});

test('a clock that was set back does not silence a schedule', async () => {
  const { schedules, clock } = site();
  clock.nowMs = begin + 365 * day;
  schedules.create(nightly, 'eva');
  clock.nowMs = begin;
  await schedules.follow();
  expect(schedules.list()).toMatchObject([{ nextRunAt: '2026-11-28T03:00:00.000Z' }]);
});

test('run makes one now and leaves the times as they are; each step is in the audit', async () => {
  const { schedules, asked, audit } = site();
  schedules.create(nightly, 'eva');
  expect(await schedules.run('nightly', 'adam')).toMatchObject({ id: 'job1' });
  expect(asked).toMatchObject([{ fromUnixMs: begin - day, untilUnixMs: begin, requestedBy: 'nightly' }]);
  expect(schedules.list()).toMatchObject([{ lastBundle: 'job1', nextRunAt: '2026-11-28T03:00:00.000Z' }]);
  schedules.delete('nightly', 'eva');
  expect(schedules.list()).toEqual([]);
  expect(audit.list({ limit: 10 }).map(({ event, who }) => `${event} ${who}`)).toEqual([
    'bundle.schedule-deleted eva',
    'bundle.schedule-run adam',
    'bundle.schedule-created eva',
  ]);
});

test('what is no schedule is refused', async () => {
  const { schedules } = site();
  for (const cron of ['', 'daily', '* * * *', '* * * * * *', '61 * * * *', '0 0 30 2 *', '__proto__']) {
    expect(() => schedules.create({ ...nightly, cron }, 'eva'), cron).toThrow(
      expect.objectContaining({ code: 'SX_BAD_REQUEST' }),
    );
  }
  schedules.create(nightly, 'eva');
  expect(() => schedules.create(nightly, 'eva')).toThrow(expect.objectContaining({ code: 'SX_CONFLICT' }));
  expect(() => schedules.delete('weekly', 'eva')).toThrow(expect.objectContaining({ code: 'SX_NOT_FOUND' }));
  await expect(schedules.run('weekly', 'eva')).rejects.toMatchObject({ code: 'SX_NOT_FOUND' });
});

test('times are in UTC wherever the collector stands', () => {
  expect(new Date(parseCron('30 2 * * MON-FRI', begin).next(begin) ?? 0).toISOString()).toBe(
    '2026-11-30T02:30:00.000Z',
  );
});

test('a schedule whose bundle could not be made as it is asked for is refused; one of all classes is one of no choice', () => {
  const { schedules } = site();
  expect(() => schedules.create({ ...nightly, classes: ['files'] }, 'eva')).toThrow(
    'Parquet is made of the classes logs and metrics; neither is asked for',
  );
  const all = ['metrics', 'logs', 'journal', 'commands', 'files'] as const;
  expect(schedules.create({ ...nightly, classes: [...all] }, 'eva').classes).toEqual([]);
  expect(schedules.list().map(({ classes }) => classes)).toEqual([[]]);
});
