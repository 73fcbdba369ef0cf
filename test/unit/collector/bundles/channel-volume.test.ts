import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SourceMaxBytes } from '../../../../bundle/caps.ts';
import { openVolume } from '../../../../bundle/open-volume.ts';
import type { RedactionProfile } from '../../../../bundle/redaction/profile.ts';
import { createRedactor } from '../../../../bundle/redaction/redactor.ts';
import type { TelemetryRequest } from '../../../../collector/bundles/telemetry-logs.ts';
import { writeTelemetryVolume } from '../../../../collector/bundles/telemetry-volume.ts';
import type { BundleLogLine } from '../../../../collector/case/bundle-lines.ts';
import { createRecordNames, logsRequest } from '../../../../collector/case/otlp-from-lines.ts';
import { openStore, testDayMs } from '../store/open-store.ts';

const node = 'node-1';
const hourMs = 3_600_000;
const beginMs = Math.floor(testDayMs / hourMs) * hourMs;

let site: Awaited<ReturnType<typeof openStore>>;
let rounds = 0;

const line = (atMs: number, body: string, attributes: Record<string, string>): BundleLogLine => ({
  ...{ timestamp: new Date(beginMs + atMs).toISOString(), node, severity: 'info', body, attributes },
});
const event = (atMs: number, body: string, channel: string) =>
  line(atMs, body, { 'otel.scope.name': 'event-log', 'windows.eventlog.channel': channel });
const ofFile = (atMs: number, body: string, path: string) =>
  line(atMs, body, { 'otel.scope.name': 'files', 'log.file.path': path });
const ofUnit = (atMs: number, body: string, unit: string) =>
  line(atMs, body, { 'otel.scope.name': 'journald', 'systemd.unit': unit });

beforeAll(async () => {
  site = await openStore();
  const lines = [
    event(1000, 'disk 1 failed', 'System'),
    event(2000, 'witness lost', 'Microsoft-Windows-SMBClient/Connectivity'),
    event(3000, 'disk 2 failed', 'System'),
    event(hourMs + 1000, 'disk 3 failed', 'System'),
    ofFile(1000, 'one', '/home/jdoe/app.log'),
    ofFile(2000, 'two', '/home/jdoe/app.log'),
    ofFile(3000, 'three', '/home/jdoe/app:log'),
    ofUnit(1000, 'started', 'a.service'),
    ofUnit(2000, 'stopped', 'b.service'),
    line(1500, 'from elsewhere', { 'otel.scope.name': 'theirs' }),
  ];
  // Old enough to fall to a limit, and more than it.
  const noisy = Array.from({ length: 600 }, (_, at) => event(hourMs + 60_000 + at * 100, `noise ${at}`, 'Noisy'));
  // A file name with a time in it: more of them than are told apart.
  const many = Array.from({ length: 600 }, (_, at) =>
    line(at, `many ${at}`, { 'otel.scope.name': 'many', 'log.file.path': `/srv/run-${at}.log` }),
  );
  const request = logsRequest([...lines, ...noisy, ...many], createRecordNames());
  await site.store.insertJournalFile(site.writeFile('logs', [request]));
});
afterAll(() => site.close());

async function volume(
  profile: RedactionProfile,
  limits: SourceMaxBytes = {},
  onProgress: TelemetryRequest['onProgress'] = () => {},
  fromUnixMs = beginMs,
): Promise<Map<string, string[]>> {
  const folder = join(site.folder, `round-${++rounds}`);
  mkdirSync(folder);
  const redactor = createRedactor({ key: Buffer.alloc(32, 1), profile, names: [{ kind: 'user', name: 'jdoe' }] });
  const { signal } = new AbortController();
  const { volumes } = await writeTelemetryVolume({
    ...{ folder, store: site.store, redactor, nodes: [node], streams: [node], peers: [], limits, signal },
    ...{ fromUnixMs, untilUnixMs: fromUnixMs + 2 * hourMs, onProgress, quarantined: [], dropped: [] },
    enrolledMs: () => undefined,
    records: { alerts: [], inventories: [], configuration: {}, audit: [], auditEntries: 0, controlPlane: undefined },
    nowMs: () => beginMs,
  });
  await redactor.close();
  const found = new Map<string, string[]>();
  for (const { path } of volumes) {
    for await (const entry of openVolume(path)) {
      if (!entry.path.startsWith('logs/')) continue;
      const chunks: Buffer[] = [];
      for await (const chunk of await entry.content()) chunks.push(chunk);
      const lines = Buffer.concat(chunks).toString('utf8').trimEnd().split('\n');
      found.set(
        entry.path.replace(/^logs\/[^/]+\//, ''),
        lines.map((text) => JSON.parse(text).body),
      );
    }
  }
  return found;
}
const stamp = (at: number): string => new Date(beginMs + at * hourMs).toISOString().slice(0, 13).replace(/-/g, '');

test('logs lie by event channel or file and hour; those of a journal and of what has no channel by source and hour', async () => {
  const found = await volume('none');
  const noisy = `event-log/Noisy/${stamp(1)}.ndjson`;
  expect(found.get(noisy)).toHaveLength(600);
  found.delete(noisy);
  for (const path of found.keys()) if (path.startsWith('many/')) found.delete(path);
  expect(Object.fromEntries(found)).toEqual({
    [`event-log/System/${stamp(0)}.ndjson`]: ['disk 1 failed', 'disk 2 failed'],
    [`event-log/System/${stamp(1)}.ndjson`]: ['disk 3 failed'],
    [`event-log/Microsoft-Windows-SMBClient_Connectivity/${stamp(0)}.ndjson`]: ['witness lost'],
    [`files/home_jdoe_app.log/${stamp(0)}.ndjson`]: ['one', 'two'],
    [`files/home_jdoe_app_log/${stamp(0)}.ndjson`]: ['three'],
    [`journald/${stamp(0)}.ndjson`]: ['started', 'stopped'],
    [`theirs/${stamp(0)}.ndjson`]: ['from elsewhere'],
  });
});

test('the name of a folder tells no more than the lines in it', async () => {
  const paths = [...(await volume('standard')).keys()];
  expect(paths.filter((path) => path.startsWith('files/'))).toHaveLength(2);
  expect(paths.join('\n')).not.toContain('jdoe');
});

test('the mark of what a limit cut stands at the head of what is left of that channel', async () => {
  const found = await volume('none', { logs: 40_000 });
  expect(found.get(`event-log/System/${stamp(0)}.ndjson`)).toEqual(['disk 1 failed', 'disk 2 failed']);
  const kept = found.get(`event-log/Noisy/${stamp(1)}.ndjson`) ?? [];
  expect(kept[0]).toMatch(/^\[sextant: cut here: \d+ records from .* left out by the size limit\]$/);
  expect(kept.at(-1)).toBe('noise 599');
  expect(kept.filter((body) => body.startsWith('[sextant'))).toHaveLength(1);
});

test('a source is running until all of it is written', async () => {
  const told: { source: string; state: string; bytes: number }[] = [];
  await volume('none', {}, ({ source, state, bytes }, running) =>
    told.push({ source, state: running ?? state, bytes }),
  );
  const ofLogs = told.filter(({ source }) => source === 'telemetry/logs');
  expect(ofLogs.length).toBeGreaterThan(2);
  expect(ofLogs.slice(0, -1).map(({ state }) => state)).toEqual(ofLogs.slice(1).map(() => 'running'));
  expect(ofLogs.at(-1)).toMatchObject({ state: 'ok', bytes: ofLogs.at(-2)?.bytes });
});

test('records that are written are counted as they come', async () => {
  const counts: number[] = [];
  const found = await volume('none', {}, ({ source }, _running, records) => {
    if (source === 'telemetry/logs' && records) counts.push(records.count);
  });
  expect(counts).toEqual([...counts].sort((a, b) => a - b));
  expect(counts.at(-1)).toBe([...found.values()].flat().length);
});

test('bytes and records are told while a file is being written, since one hour of a busy node takes minutes', async () => {
  const lines = Array.from({ length: 4000 }, (_, at) =>
    ofFile(5 * hourMs + at * 10, `${at} ${'x'.repeat(5000)}`, '/busy'),
  );
  await site.store.insertJournalFile(site.writeFile('logs', [logsRequest(lines, createRecordNames())]));
  const told: { bytes: number; records: number }[] = [];
  const onProgress: TelemetryRequest['onProgress'] = ({ source, bytes }, running, records) => {
    if (source === 'telemetry/logs' && running) told.push({ bytes, records: records?.count ?? 0 });
  };
  expect(await volume('none', {}, onProgress, beginMs + 4 * hourMs)).toHaveProperty('size', 1);
  const between = told.filter(({ records }) => records > 0 && records < 4000);
  expect(between.length).toBeGreaterThan(0);
  expect(between.at(-1)?.bytes).toBeGreaterThan(0);
});

test('of a source with very many channels those beyond a bound lie in a file of the source, with nothing lost', async () => {
  const ofMany = [...(await volume('none'))].filter(([path]) => path.startsWith('many/'));
  expect(ofMany).toHaveLength(501);
  expect(ofMany.find(([path]) => path === `many/${stamp(0)}.ndjson`)?.[1]).toHaveLength(100);
  const bodies = ofMany.flatMap(([, own]) => own);
  expect(new Set(bodies).size).toBe(600);
});
