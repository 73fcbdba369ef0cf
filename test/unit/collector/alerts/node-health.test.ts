import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createAlerts } from '../../../../collector/alerts/alerts.ts';
import { loadFaultAdvice } from '../../../../collector/alerts/fault-advice.ts';
import { openState, type State } from '../../../../collector/state/state.ts';
import { createLog } from '../../../../logging/log.ts';
import { startEngine } from '../query/engine.ts';

let engine: Awaited<ReturnType<typeof startEngine>>;
let folder: string;
let state: State;
let nowMs: number;

beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-alerts-'));
  nowMs = Date.parse('2026-11-28T11:00:00Z');
  state = openState(folder, { nowMs: () => nowMs });
});
afterEach(async () => {
  state.close();
  rmSync(folder, { recursive: true, force: true });
  for (const table of ['gauge', 'sum']) await engine.run(`TRUNCATE TABLE otel_metrics_${table}`);
});

const alertsOf = () =>
  createAlerts(
    {
      store: engine.store,
      state,
      registry: { list: () => [] },
      peers: { list: () => [] },
      journal: { troubles: () => [] },
      log: createLog('test', 'silent'),
      nowMs: () => nowMs,
    },
    engine.settings,
  );
const time = (ms: number) => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
const sample = (MetricName: string, Value: number, Attributes: object, over: object = {}) => ({
  MetricName,
  Node: 'n1',
  ScopeName: 'hardware',
  Attributes,
  TimeUnix: time(nowMs),
  ReceivedAt: time(nowMs),
  Value,
  ...over,
});
const firing = (alerts: ReturnType<typeof alertsOf>) =>
  alerts.list({ state: 'firing' }).map(({ rule, node, subject, summary }) => ({ rule, node, subject, summary }));
async function after(minutes: number, alerts: ReturnType<typeof alertsOf>) {
  nowMs += minutes * 60_000;
  await alerts.evaluate();
}

test('a disk that failed its health check an hour ago is told at once; a fan after its hold time', async () => {
  const alerts = alertsOf();
  const disk = { 'hw.type': 'physical_disk', 'hw.name': 'HDD (sdb)', 'hw.state': 'failed' };
  const fan = { 'hw.type': 'fan', 'hw.name': 'Fan 2', 'hw.state': 'failed' };
  const anHourAgo = { TimeUnix: time(nowMs - 3_600_000), ReceivedAt: time(nowMs - 3_600_000) };
  await engine.insert('otel_metrics_sum', [
    sample('hw.status', 1, disk, anHourAgo),
    sample('hw.status', 0, { ...disk, 'hw.name': 'good' }, anHourAgo),
    sample('hw.status', 1, fan, { ScopeName: 'sextant.host' }),
  ]);
  await alerts.evaluate();
  expect(firing(alerts)).toEqual([
    expect.objectContaining({ rule: 'disk-failed', subject: 'physical_disk HDD (sdb)' }),
  ]);
  await after(1, alerts);
  expect(
    firing(alerts)
      .map(({ rule }) => rule)
      .sort(),
  ).toEqual(['disk-failed', 'hardware-failed']);
});

test('wear above 90 % is told in percent', async () => {
  const alerts = alertsOf();
  const used = { 'hw.name': 'SSD', 'hw.physical_disk.state': 'used' };
  await engine.insert('otel_metrics_gauge', [
    sample('hw.physical_disk.endurance_utilization', 0.934, used),
    sample('hw.physical_disk.endurance_utilization', 0.066, { ...used, 'hw.physical_disk.state': 'remaining' }),
  ]);
  await alerts.evaluate();
  expect(firing(alerts)).toEqual([
    expect.objectContaining({ rule: 'disk-worn', summary: 'SSD on n1 has used 93 % of its rated writes' }),
  ]);
});

test('wear is a warning from 80 % on, and critical instead from 95 % on', async () => {
  const alerts = alertsOf();
  const worn = (used: number, name: string) =>
    sample('hw.physical_disk.endurance_utilization', used, { 'hw.name': name, 'hw.physical_disk.state': 'used' });
  await engine.insert('otel_metrics_gauge', [worn(0.79, 'SSD 1'), worn(0.81, 'SSD 2'), worn(0.96, 'SSD 3')]);
  await alerts.evaluate();
  expect(
    firing(alerts)
      .map(({ rule, subject }) => [rule, subject])
      .sort(),
  ).toEqual([
    ['disk-worn', 'SSD 2'],
    ['disk-worn-out', 'SSD 3'],
  ]);
});

test('a certificate is told once for all nodes, a month and a week before its end', async () => {
  const alerts = alertsOf();
  const left = (days: number, cn: string, Node = 'n1') =>
    sample(
      'tlscheck.time_left',
      days * 86_400 + 60,
      { 'tlscheck.x509.cn': cn, 'tlscheck.target': 'portal:443' },
      { Node },
    );
  await engine.insert('otel_metrics_gauge', [
    left(20, 'portal'),
    left(20, 'portal', 'n2'),
    left(3, 'old'),
    left(-2, 'gone'),
    left(90, 'new'),
  ]);
  await alerts.evaluate();
  expect(
    firing(alerts)
      .map(({ rule, summary }) => `${rule}: ${summary}`)
      .sort(),
  ).toEqual([
    'certificate-expired: The certificate of gone at portal:443 expired 2 days ago',
    'certificate-expired: The certificate of old at portal:443 expires in 3 days',
    'certificate-expiring: The certificate of portal at portal:443 expires in 20 days',
  ]);
  expect(alerts.list().map(({ value, limit, unit }) => `${value} of ${limit} ${unit}`)).toEqual(
    expect.arrayContaining(['20 of 30 days left', '3 of 7 days left', '-2 of 7 days left']),
  );
});

test('a failing probe is told after three minutes, one of the control plane after an hour and only if no node sees it', async () => {
  const alerts = alertsOf();
  const up = (name: string, value: number, group: string, Node: string) =>
    sample(
      'sextant.probe.up',
      value,
      { 'sextant.probe.name': name, ...(group && { 'sextant.probe.group': group }) },
      { Node },
    );
  const insert = () =>
    engine.insert('otel_metrics_gauge', [
      up('billing', 0, '', 'n2'),
      up('billing', 1, '', 'n1'),
      up('portal', 0, 'control-plane', 'n1'),
      up('portal', 0, 'control-plane', 'n2'),
      up('login', 0, 'control-plane', 'n1'),
      up('login', 1, 'control-plane', 'n2'),
    ]);
  await insert();
  await alerts.evaluate();
  expect(firing(alerts)).toEqual([]);
  await after(3, alerts);
  expect(firing(alerts)).toEqual([expect.objectContaining({ rule: 'probe-failing', node: 'n2', subject: 'billing' })]);
  nowMs += 57 * 60_000;
  await insert();
  await alerts.evaluate();
  expect(firing(alerts).filter(({ rule }) => rule === 'control-plane-down')).toEqual([
    expect.objectContaining({ node: 'n1', subject: 'portal' }),
  ]);
});

test('a node that is down is told under its cluster, whoever leads', async () => {
  const alerts = alertsOf();
  const node = (name: string, value: number, Node: string, ms = 0) =>
    sample(
      'azurelocal.node.up',
      value,
      { 'azurelocal.cluster.name': 'al', 'azurelocal.node.name': name },
      { Node, TimeUnix: time(nowMs + ms) },
    );
  await engine.insert('otel_metrics_gauge', [
    node('NODE2', 1, 'n2', -60_000),
    node('NODE2', 0, 'n1'),
    node('NODE1', 1, 'n1'),
  ]);
  await alerts.evaluate();
  await after(3, alerts);
  expect(firing(alerts)).toEqual([
    { rule: 'cluster-node-down', node: 'al', subject: 'NODE2', summary: 'Cluster node NODE2 is not up' },
  ]);
});

test('a fault of the Health Service is told with what to do about its type', async () => {
  const alerts = alertsOf();
  const fault = (type: string, severity: number, object: string) =>
    sample('azurelocal.health.fault', severity, {
      'azurelocal.health.fault.type': `Microsoft.Health.FaultType.${type}`,
      'azurelocal.health.fault.object': object,
    });
  await engine.insert('otel_metrics_gauge', [
    fault('PhysicalDisk.FailedMedia', 6, 'Disk ABC'),
    fault('Volume.Capacity', 4, 'UserStorage_1'),
    fault('Something.New', 6, 'x'),
    fault('Cluster.Information', 2, 'x'),
  ]);
  await alerts.evaluate();
  const told = alerts.list({ state: 'firing' }).map(({ rule, subject, whatToDo }) => [rule, subject, whatToDo]);
  expect(told.sort()).toEqual([
    ['health-fault-critical', 'PhysicalDisk.FailedMedia: Disk ABC', expect.stringContaining('Replace the disk')],
    ['health-fault-critical', 'Something.New: x', expect.stringContaining('Get-HealthFault')],
    ['health-fault-warning', 'Volume.Capacity: UserStorage_1', expect.stringContaining('enlarge it')],
  ]);
});

test('there is advice for every fault type that is known', () => {
  const advice = loadFaultAdvice();
  expect(advice.size).toBe(88);
  expect([...advice.values()].every((text) => text.length > 20)).toBe(true);
});
