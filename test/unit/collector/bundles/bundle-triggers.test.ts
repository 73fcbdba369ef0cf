import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type AlertRule, loadAlertRules } from '../../../../collector/alerts/alert-rule.ts';
import { createAlerts } from '../../../../collector/alerts/alerts.ts';
import type { BundleJob } from '../../../../collector/api/shapes/bundles.ts';
import type { NodeRow } from '../../../../collector/api/shapes/nodes.ts';
import type { BundleJobs } from '../../../../collector/bundles/bundle-jobs.ts';
import { createBundleRecords } from '../../../../collector/bundles/bundle-record.ts';
import { createBundleTriggers } from '../../../../collector/bundles/bundle-triggers.ts';
import { openState } from '../../../../collector/state/state.ts';
import { loadSettings } from '../../../../config/load.ts';
import { SextantError } from '../../../../errors/sextant-error.ts';
import { silentLog } from '../api/site.ts';

const minute = 60_000;
const hour = 60 * minute;
const begin = Date.UTC(2026, 10, 28);

const silence = (id: string, bundle?: 'quick' | 'standard'): AlertRule => ({
  ...{ id, severity: 'critical', source: { kind: 'built-in', name: 'silent-seconds' }, parameters: {}, unit: 's' },
  ...{ limit: 60, clearAt: 60, countsDown: false, holdForMs: 0, goneAfterMs: hour, overrides: [] },
  ...{ summary: '{node} is silent', whatToDo: 'look' },
  ...(bundle && { bundle }),
});

/** Real alerts over nodes that fall silent, real records of bundles; jobs are only ordered. */
function site(rules: AlertRule[], limits = { perRuleMs: 6 * hour, perDay: 3 }) {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-triggers-'));
  // Alerts hold back right after a start.
  const clock = { nowMs: begin - 2 * hour };
  const nowMs = () => clock.nowMs;
  const state = openState(folder, { nowMs });
  const settings = loadSettings({ dataDir: folder });
  const nodes: NodeRow[] = [];
  const records = createBundleRecords(state);
  const asked: Parameters<BundleJobs['create']>[0][] = [];
  const trouble: { error?: Error | undefined } = {};
  const alerts = createAlerts(
    {
      store: { query: () => Promise.reject(new Error('there is no storage here')) },
      ...{ state, registry: { list: () => nodes }, peers: { list: () => [] }, journal: { troubles: () => [] } },
      ...{ log: silentLog, nowMs, rules },
    },
    settings,
  );
  const triggers = createBundleTriggers(
    {
      alerts,
      jobs: {
        orderedSince: records.orderedSince,
        create: async (request) => {
          if (trouble.error) throw trouble.error;
          asked.push(request);
          const id = `bundle00${asked.length}`;
          records.save({
            ...{
              id,
              name: id,
              state: 'failed',
              createdUnixMs: nowMs(),
              finishedUnixMs: nowMs(),
              bytes: 0,
              error: null,
            },
            ...{ items: [], removedUnixMs: null, attempts: 1, origin: 'request', ...request },
            ...{ caps: { perClass: {} }, classes: [], raw: false, parquet: false },
          });
          return { id } as BundleJob;
        },
      },
      ...{ log: silentLog, nowMs },
    },
    limits,
  );
  onTestFinished(async () => {
    await triggers.close();
    await alerts.close();
    state.close();
    rmSync(folder, { recursive: true });
  });
  clock.nowMs = begin;
  const fallSilent = async (node: string): Promise<void> => {
    const lastSeen = new Date(clock.nowMs - hour).toISOString();
    nodes.push({
      node,
      kind: 'node',
      state: 'silent',
      lastSeen,
      enrolledAt: lastSeen,
      sources: [],
      spool: null,
    } as never);
    await alerts.evaluate();
    await new Promise(setImmediate);
  };
  return { asked, clock, trouble, triggers, fallSilent };
}

test('an alert whose rule asks for a bundle gets one of all nodes, and not another while it goes on', async () => {
  const { asked, fallSilent } = site([silence('lost', 'quick'), silence('other')]);
  await fallSilent('n1');
  expect(asked).toEqual([
    {
      ...{ fromUnixMs: begin - 15 * minute, untilUnixMs: begin, nodes: [], roles: [], redaction: 'standard' },
      ...{ requestedBy: 'lost', origin: 'alert' },
    },
  ]);
  await fallSilent('n2');
  expect(asked).toHaveLength(1);
});

test('a rule has its next bundle after its time, all rules together only so many a day', async () => {
  const { asked, fallSilent, clock } = site([silence('a', 'quick'), silence('b', 'standard')]);
  await fallSilent('n1');
  expect(asked.map(({ requestedBy }) => requestedBy)).toEqual(['a', 'b']);
  clock.nowMs += 6 * hour - 1;
  await fallSilent('n2');
  expect(asked).toHaveLength(2);
  clock.nowMs += 1;
  await fallSilent('n3');
  expect(asked.map(({ requestedBy }) => requestedBy)).toEqual(['a', 'b', 'a']);
  clock.nowMs = begin + 24 * hour;
  await fallSilent('n4');
  expect(asked.map(({ requestedBy }) => requestedBy)).toEqual(['a', 'b', 'a', 'a', 'b']);
});

test('a site that wants none has none, and a bundle that cannot be ordered does not end the alerts', async () => {
  const none = site([silence('lost', 'quick')], { perRuleMs: hour, perDay: 0 });
  await none.fallSilent('n1');
  expect(none.asked).toEqual([]);
  const { asked, fallSilent, trouble, triggers } = site([silence('lost', 'quick')]);
  trouble.error = new SextantError('SX_UNAVAILABLE', 'too many bundles wait already');
  await fallSilent('n1');
  trouble.error = undefined;
  await fallSilent('n2');
  expect(asked).toHaveLength(1);
  await triggers.close();
  await fallSilent('n3');
  expect(asked).toHaveLength(1);
});

test('of the shipped rules those ask for a bundle whose cause is soon gone', () => {
  const rules = loadAlertRules(loadSettings({ dataDir: tmpdir() }));
  const asking = rules.filter(({ bundle }) => bundle !== undefined);
  expect(asking.map(({ id }) => id)).toContain('cluster-node-down');
  for (const { id, bundle, severity } of asking)
    expect({ id, bundle, severity }).toEqual({ id, bundle: 'quick', severity: 'critical' });
});
