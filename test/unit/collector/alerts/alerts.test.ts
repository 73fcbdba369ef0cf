import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createAlerts } from '../../../../collector/alerts/alerts.ts';
import type { NodeRow } from '../../../../collector/api/shapes/nodes.ts';
import type { JournalTrouble } from '../../../../collector/journal/troubles.ts';
import type { Queries } from '../../../../collector/query/ask.ts';
import { openState, type State } from '../../../../collector/state/state.ts';
import { createLog } from '../../../../logging/log.ts';
import { patient } from '../../../patience.ts';
import { startEngine } from '../query/engine.ts';

let engine: Awaited<ReturnType<typeof startEngine>>;
let folder: string;
let state: State;
let nodes: NodeRow[];
let peers: NodeRow[];
let troubles: JournalTrouble[];
let nowMs: number;
const startMs = Date.parse('2026-11-20T11:00:00Z');

beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.close());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-alerts-'));
  nowMs = startMs;
  state = openState(folder, { nowMs: () => nowMs });
  nodes = [];
  peers = [];
  troubles = [];
});
afterEach(async () => {
  state.close();
  rmSync(folder, { recursive: true, force: true });
  for (const table of ['gauge', 'sum']) await engine.run(`TRUNCATE TABLE otel_metrics_${table}`);
});

const alertsOf = (store: Queries = engine.store) =>
  createAlerts(
    {
      store,
      state,
      registry: { list: () => nodes },
      peers: { list: () => peers },
      journal: { troubles: () => troubles },
      log: createLog('test', 'silent'),
      nowMs: () => nowMs,
    },
    engine.settings,
  );

const time = (ms: number) => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
const sample = (MetricName: string, Value: number, Attributes = {}, over = {}) => ({
  MetricName,
  Node: 'n1',
  Attributes,
  TimeUnix: time(nowMs),
  ReceivedAt: time(nowMs),
  Value,
  ...over,
});
const filesystem = (mountpoint: string, share: number, attributes = {}, over = {}) =>
  sample(
    'system.filesystem.utilization',
    share,
    {
      'system.filesystem.mountpoint': mountpoint,
      'system.filesystem.state': 'used',
      'system.filesystem.mode': 'rw',
      'system.filesystem.type': 'ext4',
      ...attributes,
    },
    over,
  );
const node = (name: string, over: Partial<NodeRow> = {}): NodeRow => ({
  node: name,
  kind: 'node',
  os: 'Linux',
  version: '0.1.0',
  state: 'online',
  lastSeen: new Date(nowMs).toISOString(),
  clockOffsetMs: 0,
  hostName: name,
  enrolledAt: new Date(startMs - 86_400_000).toISOString(),
  certificateDaysLeft: 90,
  spool: { bytes: 0, batches: 0, droppedRecords: 0 },
  sources: [],
  ...over,
});

test('a filling filesystem warns after its hold time with value, limit and what to do, escalates, and resolves', async () => {
  const alerts = alertsOf();
  await engine.insert('otel_metrics_gauge', [
    filesystem('/', 0.85),
    filesystem('/', 0.15, { 'system.filesystem.state': 'free' }),
    filesystem('/snap', 1, { 'system.filesystem.type': 'squashfs' }),
    filesystem('/media', 1, { 'system.filesystem.mode': 'ro' }),
    filesystem('/home', 0.5),
  ]);
  await alerts.evaluate();
  expect(alerts.list()).toMatchObject([{ rule: 'filesystem-filling', state: 'pending', subject: '/' }]);

  nowMs += 30_000;
  await engine.insert('otel_metrics_gauge', [filesystem('/', 0.86)]);
  await alerts.evaluate();
  expect(alerts.list()).toEqual([
    {
      id: expect.any(String),
      rule: 'filesystem-filling',
      severity: 'warning',
      state: 'firing',
      node: 'n1',
      subject: '/',
      since: '2026-11-20T11:00:00.000Z',
      resolvedAt: null,
      value: 86,
      limit: 80,
      unit: '%',
      summary: 'Filesystem / on n1 is 86 % full',
      whatToDo: expect.stringContaining('Find what grows'),
    },
  ]);

  nowMs += 10_000;
  await engine.insert('otel_metrics_gauge', [filesystem('/', 0.95)]);
  await alerts.evaluate();
  nowMs += 30_000;
  await alerts.evaluate();
  expect(alerts.list()).toMatchObject([{ rule: 'filesystem-full', severity: 'critical', value: 95, limit: 90 }]);

  nowMs += 10_000;
  await engine.insert('otel_metrics_gauge', [filesystem('/', 0.78)]);
  await alerts.evaluate();
  expect(alerts.list()).toMatchObject([{ rule: 'filesystem-filling', state: 'firing', value: 78 }]);

  nowMs += 10_000;
  await engine.insert('otel_metrics_gauge', [filesystem('/', 0.5)]);
  await alerts.evaluate();
  expect(alerts.list()).toEqual([]);
  expect(alerts.list({ resolvedSinceMs: startMs })).toMatchObject([
    {
      rule: 'filesystem-full',
      state: 'resolved',
      resolvedAt: '2026-11-20T11:01:20.000Z',
      value: 95,
      summary: 'Filesystem / on n1 is 95 % full; resolved: back within its limit',
    },
    { rule: 'filesystem-filling', state: 'resolved', resolvedAt: '2026-11-20T11:01:30.000Z' },
  ]);
});

test('an alert is as old after a restart as it was before', async () => {
  nodes = [node('n1', { lastSeen: new Date(startMs - 5000).toISOString() })];
  const before = alertsOf();
  nowMs += 31_000;
  await before.evaluate();
  const [fired] = before.list();
  expect(fired).toMatchObject({
    rule: 'node-silent',
    state: 'firing',
    severity: 'critical',
    value: 36,
    limit: 30,
    unit: 's',
  });
  await before.close();

  nowMs += 60_000;
  const after = alertsOf();
  expect(after.list()).toEqual([fired]);
  await after.evaluate();
  expect(after.list(), 'right after a start, silence says nothing').toEqual([fired]);
  nodes = [node('n1')];
  await after.evaluate();
  expect(after.list()).toEqual([]);
});

test('a node that never spoke after it was enrolled is silent too', async () => {
  const alerts = alertsOf();
  nodes = [node('n9', { lastSeen: null, state: 'never-seen', enrolledAt: new Date(startMs + 1000).toISOString() })];
  nowMs += 20_000;
  await alerts.evaluate();
  expect(alerts.list()).toEqual([]);
  nowMs += 20_000;
  await alerts.evaluate();
  expect(alerts.list()).toMatchObject([{ rule: 'node-silent', node: 'n9', state: 'firing', value: 39 }]);
});

test('a syslog peer that falls silent is told after collector.syslog.silentAfter, one that never sent from the start on', async () => {
  const alerts = alertsOf();
  const peer = (name: string) =>
    node(`syslog:${name}`, { kind: 'syslog', enrolledAt: null, certificateDaysLeft: null });
  peers = [peer('fw1'), { ...peer('fw2'), lastSeen: null, state: 'never-seen' }];
  nowMs += 3_599_000;
  await alerts.evaluate();
  expect(alerts.list()).toEqual([]);
  nowMs += 2000;
  await alerts.evaluate();
  expect(alerts.list().map(({ rule, node, state }) => `${rule} ${node} ${state}`)).toEqual([
    'syslog-peer-silent syslog:fw2 firing',
    'syslog-peer-silent syslog:fw1 firing',
  ]);
  peers = [peer('fw1'), peer('fw2')];
  await alerts.evaluate();
  expect(alerts.list()).toEqual([]);
});

test('memory goes by what is available where a node says so, and by what is used elsewhere', async () => {
  const alerts = alertsOf();
  const used = (share: number, name: string) =>
    sample('system.memory.utilization', share, { 'system.memory.state': 'used' }, { Node: name });
  await engine.insert('otel_metrics_gauge', [used(0.5, 'linux'), used(0.97, 'windows'), used(0.95, 'fine')]);
  await engine.insert('otel_metrics_sum', [
    sample('system.memory.limit', 1000, {}, { Node: 'linux' }),
    sample('system.memory.linux.available', 40, {}, { Node: 'linux' }),
    sample('system.memory.limit', 1000, {}, { Node: 'fine' }),
    sample('system.memory.linux.available', 400, {}, { Node: 'fine' }),
  ]);
  await alerts.evaluate();
  expect(
    alerts
      .list()
      .map((row) => [row.node, row.rule, row.value])
      .sort(),
  ).toEqual([
    ['linux', 'memory-low', 96],
    ['windows', 'memory-low', 97],
  ]);
});

test('paging space that is nearly used up is an alert', async () => {
  const alerts = alertsOf();
  const attributes = { 'system.device': '/dev/sda2', 'system.paging.state': 'used' };
  await engine.insert('otel_metrics_gauge', [sample('system.paging.utilization', 0.9, attributes)]);
  await alerts.evaluate();
  expect(alerts.list()).toMatchObject([{ rule: 'paging-high', subject: '/dev/sda2', value: 90 }]);
});

test('dropped records are an alert for an hour, not for ever, and a restarted counter is not a drop', async () => {
  const alerts = alertsOf();
  const dropped = (droppedRecords: number) => {
    nodes = [node('n1', { spool: { bytes: 0, batches: 0, droppedRecords } })];
  };
  dropped(0);
  await alerts.evaluate();
  expect(alerts.list()).toEqual([]);
  dropped(12);
  await alerts.evaluate();
  expect(alerts.list()).toMatchObject([{ rule: 'records-dropped', state: 'firing', value: 12 }]);
  nowMs += 3_700_000;
  dropped(12);
  await alerts.evaluate();
  dropped(0);
  await alerts.evaluate();
  expect(alerts.list()).toEqual([]);
  expect(alerts.list({ state: 'resolved' })).toHaveLength(1);
});

test('a failing source is named', async () => {
  const alerts = alertsOf();
  const source = (name: string, sourceState: 'failing' | 'running') => ({
    name,
    state: sourceState,
    records: 0,
    dropped: 0,
  });
  nodes = [node('n1', { sources: [source('journald', 'failing'), source('host', 'running')] })];
  await alerts.evaluate();
  nowMs += 30_000;
  nodes = nodes.map((row) => ({ ...row, lastSeen: new Date(nowMs).toISOString() }));
  await alerts.evaluate();
  expect(alerts.list()).toMatchObject([
    { rule: 'source-failing', subject: 'journald', state: 'firing', summary: 'Source journald on n1 fails' },
  ]);
});

test('a fault of a node’s own profile is told at once, by itself, and is over when the node tells of none', async () => {
  const alerts = alertsOf();
  const host = { name: 'host', state: 'running' as const, records: 1, dropped: 0 };
  const profile = { name: 'profile', state: 'failing' as const, records: 0, dropped: 0, detail: 'profile.yaml:3: …' };
  nodes = [node('n1', { sources: [host, profile] }), node('n2', { sources: [host] }), node('n3')];
  await alerts.evaluate();
  expect(alerts.list()).toMatchObject([
    {
      rule: 'node-profile-faulty',
      node: 'n1',
      state: 'firing',
      summary: 'The own profile of n1 has a fault',
      whatToDo: expect.stringContaining('sextant agent status'),
    },
  ]);
  nodes = [node('n1', { sources: [host] })];
  await alerts.evaluate();
  expect(alerts.list()).toEqual([]);
});

test('a node that stops reporting keeps its alerts until what they are about has been gone for long', async () => {
  const alerts = alertsOf();
  await engine.insert('otel_metrics_gauge', [filesystem('/', 0.85)]);
  await alerts.evaluate();
  nowMs += 30_000;
  await alerts.evaluate();
  nowMs += 3_600_000;
  await alerts.evaluate();
  expect(alerts.list()).toMatchObject([{ rule: 'filesystem-filling', state: 'firing' }]);
  nowMs += 1000;
  await alerts.evaluate();
  expect(alerts.list({ state: 'resolved' })).toMatchObject([{ summary: expect.stringContaining('is gone') }]);
});

test('a node whose clock is behind is judged all the same', async () => {
  const alerts = alertsOf();
  await engine.insert('otel_metrics_gauge', [filesystem('/', 0.85, {}, { TimeUnix: time(nowMs - 1_800_000) })]);
  await alerts.evaluate();
  expect(alerts.list()).toHaveLength(1);
});

test('evaluates on its own schedule, and not after it was closed', async () => {
  nodes = [node('n1', { spool: { bytes: 0, batches: 0, droppedRecords: 3 } })];
  const alerts = createAlerts(
    {
      store: engine.store,
      state,
      registry: { list: () => nodes },
      peers: { list: () => peers },
      journal: { troubles: () => troubles },
      log: createLog('test', 'silent'),
      nowMs: () => nowMs,
    },
    { ...engine.settings, 'collector.alerts.evaluateEvery': 20 },
  );
  await alerts.start();
  await expect.poll(() => alerts.list().length, patient).toBe(1);
  await alerts.close();
});

test('paused ingest fires at once, also while state.db cannot be written, and resolves when it goes on', async () => {
  const alerts = alertsOf();
  const writable = (is: boolean) => state.database.exec(`PRAGMA query_only = ${is ? 'OFF' : 'ON'}`);
  writable(false);
  troubles = [{ what: 'disk', sinceUnixMs: nowMs - 4000 }];
  await alerts.evaluate();
  const firing = { rule: 'ingest-paused', node: '@collector', subject: 'the disk is full', state: 'firing' };
  expect(alerts.list()).toMatchObject([{ ...firing, severity: 'critical', value: 4, unit: 's' }]);
  expect(alerts.list({ state: 'firing' })).toHaveLength(1);
  expect(alerts.list({ state: 'pending' })).toEqual([]);

  troubles = [];
  await alerts.evaluate();
  expect(alerts.list()).toMatchObject([firing]);
  writable(true);
  await alerts.evaluate();
  expect(alerts.list()).toEqual([]);
  expect(alerts.list({ resolvedSinceMs: 0 })).toMatchObject([{ ...firing, state: 'resolved', value: 4 }]);
});

test('an alert that was held in memory is written down as soon as that is possible', async () => {
  const alerts = alertsOf();
  state.database.exec('PRAGMA query_only = ON');
  troubles = [{ what: 'backlog', sinceUnixMs: nowMs }];
  await alerts.evaluate();
  state.database.exec('PRAGMA query_only = OFF');
  nowMs += 10_000;
  await alerts.evaluate();
  expect(alertsOf().list()).toMatchObject([{ rule: 'ingest-paused', subject: 'the journal is full', value: 10 }]);
});

test('storage that takes nothing is an alert after half a minute', async () => {
  const alerts = alertsOf();
  troubles = [{ what: 'storage', sinceUnixMs: nowMs }];
  for (const [afterMs, open] of [
    [0, 0],
    [30_000, 0],
    [1000, 1],
  ] as const) {
    nowMs += afterMs;
    await alerts.evaluate();
    expect(alerts.list()).toHaveLength(open);
  }
  troubles = [];
  await alerts.evaluate();
  expect(alerts.list()).toEqual([]);
});

test('one evaluation asks storage nothing twice', async () => {
  const questions: string[] = [];
  const store: Queries = {
    query(sql, options) {
      questions.push(JSON.stringify([sql, options?.parameters]));
      return engine.store.query(sql, options);
    },
  };
  await alertsOf(store).evaluate();
  expect(questions.length).toBeGreaterThan(10);
  expect(new Set(questions).size).toBe(questions.length);
});
