import { execFile } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { Client } from 'undici';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { enroll } from '../../../../agent/identity/enroll.ts';
import { startAgent } from '../../../../agent/main.ts';
import { parsePublicKey } from '../../../../bundle/minisign-key.ts';
import { openVolume } from '../../../../bundle/open-volume.ts';
import { loadRedactionKey } from '../../../../bundle/redaction/key.ts';
import { createRedactor } from '../../../../bundle/redaction/redactor.ts';
import { verifyBundle } from '../../../../bundle/verify.ts';
import { type ApiClient, createApiClient } from '../../../../cli/api-client.ts';
import { fetchBundle } from '../../../../cli/bundle-fetch.ts';
import type { BundleJob } from '../../../../collector/api/shapes/bundles.ts';
import { type Collector, startCollector } from '../../../../collector/main.ts';
import { loadSettings } from '../../../../config/load.ts';
import { patient } from '../../../patience.ts';
import { silentLog } from '../api/site.ts';

const run = promisify(execFile);

let folder: string;
let collector: Collector;
let syslogPort: number | undefined;
let client: ApiClient;
const agents = new Map<string, { close(): Promise<void> }>();

const profile = (logs: string): string => `
name: test
description: a small machine
metrics: { enabled: true }
hardware: { enabled: false }
journal: { enabled: false }
files: { follow: ['${logs}/*.log'], exclude: [] }
bundle:
  system:
    description: programs
    items:
      - { name: kernel, command: [uname, -a] }
      - { name: gone, command: [no-such-program-here] }
      - { name: secret, command: [echo, 'mysql --password=hunter2'] }
  logs:
    description: files
    items:
      - { name: app, files: ['${logs}/*.log'] }
  slow:
    description: takes its time
    items:
      - { name: sleep, command: [sleep, '30'] }
`;

async function addNode(node: string): Promise<void> {
  const dataDir = join(folder, node);
  const logs = join(folder, `${node}-logs`);
  await mkdir(logs);
  await writeFile(join(logs, 'app.log'), `${node} begins\npassword=hunter2 for all\n`);
  await writeFile(join(folder, `${node}.yaml`), profile(logs));
  const { token } = await client.send<{ token: string }>('POST', 'tokens', { kind: 'enroll' });
  await enroll({ dataDir, collectorUrl: collector.url, token, node });
}

async function startNode(node: string): Promise<void> {
  const dataDir = join(folder, node);
  const settings = loadSettings({
    dataDir,
    overrides: {
      'agent.limits.memory': 8 * 2 ** 30,
      'agent.profile': [join(folder, `${node}.yaml`)],
      'agent.metrics.interval': 5000,
    },
  });
  agents.set(node, await startAgent({ dataDir, settings, log: silentLog }));
}

const roles = ['system', 'logs'];
const create = (body: object): Promise<BundleJob> => client.send<BundleJob>('POST', 'bundles', body);
const get = (id: string): Promise<BundleJob> => client.get<BundleJob>(`bundles/${id}`);
const ended = (id: string, timeout = 25_000): Promise<BundleJob> =>
  vi.waitFor(
    async () => {
      const job = await get(id);
      expect(job.finishedAt).not.toBeNull();
      return job;
    },
    { timeout, interval: 50 },
  );

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sextant-bundles-'));
  const dataDir = join(folder, 'site');
  const settings = loadSettings({
    dataDir,
    overrides: {
      ...{ 'collector.port': 0, 'collector.storage.minFreeBytes': 0, 'site.name': 'Plant 7' },
      ...{ 'collector.syslog.tcp.enabled': true, 'collector.syslog.tcp.port': 0 },
      'collector.syslog.peers': ['fw1=127.0.0.1', 'fw2=10.0.0.2'],
    },
  });
  const log = pino(
    { level: 'info' },
    {
      write: (line) => {
        syslogPort ??= JSON.parse(line).tcp;
      },
    },
  );
  collector = await startCollector({ dataDir, settings, log });
  client = createApiClient({ dataDir });
  for (const node of ['n1', 'n2', 'n3']) await addNode(node);
  // n3 is enrolled and switched off.
  for (const node of ['n1', 'n2']) await startNode(node);
  await vi.waitFor(
    async () => {
      for (const node of ['n1', 'n2']) {
        const page = await client.get<{ records: unknown[] }>('logs', { since: '15m', grep: `${node} begins` });
        expect(page.records).toHaveLength(1);
        await client.get(`nodes/${node}/inventory`);
      }
    },
    { timeout: 20_000, interval: 100 },
  );
});
afterAll(async () => {
  for (const agent of agents.values()) await agent.close();
  await client.close();
  await collector.close();
  // The engine may still be writing when its connections are closed.
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** What a node is called in bundles that leave the site. */
const called = (node: string): string =>
  createRedactor({ key: loadRedactionKey(join(folder, 'site/collector/keys')), profile: 'standard' }).node(node);

async function contentOf(volume: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const entry of openVolume(volume)) {
    const chunks: Buffer[] = [];
    for await (const chunk of await entry.content()) chunks.push(chunk as Buffer);
    files[entry.path] = Buffer.concat(chunks).toString('utf8');
  }
  return files;
}

test('a bundle of two nodes is complete, sound to standard tools, and holds what was asked for, masked', async () => {
  const asked = await create({ since: '15m', nodes: ['n1', 'n2'], roles, parquet: true });
  expect(asked).toMatchObject({ nodes: ['n1', 'n2'], path: null });
  const job = await ended(asked.id);
  expect(job).toMatchObject({ state: 'complete', error: null });
  const path = job.path ?? '';

  await run('sha512sum', ['-c', '--strict', 'manifest-sha512.txt', 'tagmanifest-sha512.txt'], { cwd: path });
  const keyFile = join(folder, 'site/collector/keys/sextant.pub');
  await run('minisign', ['-V', '-m', 'tagmanifest-sha512.txt', '-p', keyFile], { cwd: path });
  for (const volume of await readdir(join(path, 'data'))) await run('unzip', ['-tq', join(path, 'data', volume)]);
  const report = await verifyBundle(path, { keys: [parsePublicKey(await readFile(keyFile, 'utf8'))] });
  expect(report).toMatchObject({ ok: true, trust: 'pinned' });

  const [n1, n2] = [called('n1'), called('n2')];
  expect(await readdir(join(path, 'data'))).toEqual([`${n1}.v001.zip`, `${n2}.v001.zip`, 'telemetry.v001.zip'].sort());
  const node = await contentOf(join(path, `data/${n1}.v001.zip`));
  const telemetry = await contentOf(join(path, 'data/telemetry.v001.zip'));
  const all = JSON.stringify([node, telemetry]);
  expect(all.match(/.{40}hunter2/g)).toBeNull();
  expect(node['system/kernel.txt']).toMatch(/^Linux /);
  const appLog = Object.entries(node).find(([name]) => name.endsWith('app.log'))?.[1];
  expect(appLog).toMatch(/^host-\w{8} begins\npassword=\[masked:password:[0-9a-f]{8}\] for all\n$/);

  // The same secret has the same mark on every node and in the telemetry.
  const marks = new Set(all.match(/(?<=masked:(?:password|command-line-password):)[0-9a-f]{8}/g));
  expect(marks.size).toBe(1);
  expect(Object.keys(telemetry)).toEqual(
    expect.arrayContaining([
      'alerts.json',
      'audit.json',
      'configuration.json',
      `inventory/${n1}.json`,
      `inventory/${n2}.json`,
      `metrics/${n1}.ndjson`,
    ]),
  );
  // What the collector tells of itself lies under its own name, as in coverage: no pseudonym stands for it.
  for (const name of Object.keys(telemetry).filter((path) => path.startsWith('metrics/'))) {
    expect([n1, n2, '_collector'].map((known) => `metrics/${known}.ndjson`)).toContain(name);
  }
  const logs = Object.entries(telemetry).filter(([name]) => name.startsWith(`logs/${n1}/`));
  expect(logs.map(([, text]) => text).join('')).toContain(`"body":"${n1} begins"`);
  for (const line of (telemetry[`metrics/${n1}.ndjson`] ?? '').trimEnd().split('\n')) {
    expect(JSON.parse(line)).toMatchObject({ node: n1, name: expect.any(String), timestamp: expect.any(String) });
  }

  expect(report.coverage?.sources).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ node: n2, source: 'system/kernel', state: 'ok' }),
      expect.objectContaining({ node: n2, source: 'system/gone', state: 'absent' }),
      expect.objectContaining({ node: n1, source: 'logs/app', state: 'ok', masked: { host: 1, password: 1 } }),
      expect.objectContaining({ node: n1, source: 'telemetry/metrics', state: 'ok' }),
      expect.objectContaining({ node: n1, source: 'telemetry/metrics-parquet', state: 'ok' }),
      expect.objectContaining({ node: n1, source: 'telemetry/logs-parquet', state: 'ok' }),
    ]),
  );
  // The site is younger than the window.
  for (const source of ['telemetry/logs', 'telemetry/metrics']) {
    const known = report.coverage?.sources.find((one) => one.node === n2 && one.source === source);
    expect(known?.gaps?.[0]).toMatchObject({ kind: 'before-enrolment', from: report.coverage?.bundle.from });
  }
  expect(await readFile(join(path, 'README.txt'), 'utf8')).toContain('say which questions it cannot answer');
  expect(telemetry[`parquet/metrics/${n1}/0001.parquet`]).toMatch(/^PAR1/);
  expect(await readFile(join(path, 'README.txt'), 'utf8')).toContain('parquet/: the same lines');
  expect(report.coverage?.nodes.map(({ clockOffsetMs }) => typeof clockOffsetMs)).toEqual(['number', 'number']);
  // No name of a node stands in what lies open beside the volumes.
  for (const part of ['coverage.json', 'findings.json', 'index.html', 'README.txt', 'manifest-sha512.txt']) {
    expect(await readFile(join(path, part), 'utf8'), part).not.toMatch(/\bn[123]\b/);
  }
  expect(job.items.map((item) => item.node)).toContain('n1');
});

test('the site tells what a pseudonym stands for, and who asked is written down', async () => {
  await expect(client.send('POST', 'redaction/reveal', { pseudonym: called('n1') })).resolves.toEqual({
    pseudonym: called('n1'),
    kind: 'host',
    original: 'n1',
  });
  await expect(client.send('POST', 'redaction/reveal', { pseudonym: 'host-00000000' })).rejects.toMatchObject({
    code: 'SX_NOT_FOUND',
  });
  const audit = await client.get<{ event: string; details: unknown }[]>('audit', { since: '5m', limit: 50 });
  expect(audit.filter(({ event }) => event === 'redaction.revealed').map(({ details }) => details)).toEqual([
    { pseudonym: 'host-00000000', known: false },
    { pseudonym: called('n1'), known: true },
  ]);
});

/** Files of a bundle's telemetry below a folder, one after the other. */
async function telemetryBelow(path: string, folder: string): Promise<string> {
  const files = Object.entries(await contentOf(join(path, 'data/telemetry.v001.zip')));
  return files
    .filter(([name]) => name.startsWith(folder))
    .map(([, text]) => text)
    .join('');
}

async function sendSyslog(): Promise<void> {
  connect({ host: '127.0.0.1', port: syslogPort ?? 0 }).end('<13>the gate opened\n');
  const sent = async (): Promise<{ records: { node: string }[] }> =>
    client.get('logs', { since: '15m', grep: 'the gate opened' });
  await vi.waitFor(async () => expect((await sent()).records).toMatchObject([{ node: 'syslog:fw1' }]), {
    timeout: 20_000,
    interval: 100,
  });
}

async function sendWithToken(): Promise<void> {
  const { token } = await client.send<{ token: string }>('POST', 'tokens', { kind: 'ingest', name: 'gateway' });
  const ca = await readFile(join(folder, 'site/collector/ca/ca.crt'));
  const sender = new Client(collector.url, { connect: { ca } });
  const timeUnixNano = `${Date.now()}000000`;
  const { statusCode } = await sender.request({
    method: 'POST',
    path: '/v1/logs',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano, body: { stringValue: 'the pump stopped' } }] }] }],
    }),
  });
  await sender.close();
  expect(statusCode).toBe(200);
  await vi.waitFor(
    async () => {
      const { records } = await client.get<{ records: unknown[] }>('logs', { since: '15m', grep: 'the pump stopped' });
      expect(records).toMatchObject([{ node: 'otlp:gateway' }]);
    },
    { timeout: 20_000, interval: 100 },
  );
}

test('who sends syslog is listed beside the nodes', async () => {
  await sendSyslog();
  expect(await client.get('nodes')).toMatchObject([
    ...['n1', 'n2', 'n3'].map((node) => ({ node, kind: 'node' })),
    { node: 'syslog:fw1', kind: 'syslog', state: 'online', lastSeen: expect.stringMatching(/Z$/), enrolledAt: null },
    { node: 'syslog:fw2', kind: 'syslog', state: 'never-seen', lastSeen: null },
  ]);
});

test('a bundle of everything says what is known of a node that is not there, and holds what others sent', async () => {
  await sendWithToken();
  const asked = await create({ since: '15m', roles });
  const all = ['n1', 'n2', 'n3', 'otlp:gateway', 'syslog:fw1', 'syslog:fw2'];
  expect([...asked.nodes].sort()).toEqual(all);
  const job = await ended(asked.id);
  expect(job.state).toBe('partial');
  const path = job.path ?? '';
  const { coverage, ok } = await verifyBundle(path);
  expect(ok).toBe(true);
  expect(coverage?.nodes.map(({ node }) => node)).toEqual(['n1', 'n2', 'n3'].map(called));
  expect(coverage?.nodes.find(({ node }) => node === called('n3'))).toMatchObject({
    state: 'unreachable',
    reason: expect.stringMatching(/^not connected to the collector; never seen; no inventory/),
    volumes: [],
  });
  const report = await readFile(join(path, 'index.html'), 'utf8');
  expect(report).toMatch(new RegExp(`What is missing[\\s\\S]*${called('n3')}[\\s\\S]*unreachable`));

  const [fw1, fw2, gateway] = [called('syslog:fw1'), called('syslog:fw2'), called('otlp:gateway')];
  expect(fw1).toMatch(/^syslog:host-\w{8}$/);
  const ofPeers = coverage?.sources.filter(({ node }) => node.startsWith('syslog:')) ?? [];
  expect(ofPeers.map(({ node, source, state }) => `${node} ${source} ${state}`)).toEqual([
    `${fw1} telemetry/logs ok`,
    `${fw2} telemetry/logs absent`,
  ]);
  expect(coverage?.sources).toContainEqual(
    expect.objectContaining({ node: gateway, source: 'telemetry/logs', state: 'ok' }),
  );
  expect(await telemetryBelow(path, 'parquet/')).toBe('');
  expect(await readFile(join(path, 'README.txt'), 'utf8')).not.toContain('parquet');
  expect(await telemetryBelow(path, `logs/${fw1.replace(':', '_')}/`)).toContain('the gate opened');
  expect(await telemetryBelow(path, `logs/${gateway.replace(':', '_')}/`)).toContain('the pump stopped');
  expect(report).toContain(`<h3>${fw1}</h3>`);
});

test('a bundle of one that sends syslog asks no node', async () => {
  const job = await ended((await create({ since: '15m', nodes: ['syslog:fw1'] })).id);
  expect(job.state).toBe('complete');
  const { coverage, ok } = await verifyBundle(job.path ?? '');
  expect(ok).toBe(true);
  expect(coverage?.nodes).toEqual([]);
  const fw1 = called('syslog:fw1');
  const ofPeers = coverage?.sources.filter(({ node }) => node.startsWith('syslog:')) ?? [];
  expect(ofPeers.map(({ node, source, state }) => `${node} ${source} ${state}`)).toEqual([`${fw1} telemetry/logs ok`]);
  expect(await telemetryBelow(job.path ?? '', `logs/${fw1.replace(':', '_')}/`)).toContain('the gate opened');
  expect(await readFile(join(job.path ?? '', 'index.html'), 'utf8')).toContain(`<h3>${fw1}</h3>`);
});

test('a cancelled job ends within two seconds, on the node too, and leaves nothing', async () => {
  const { id } = await create({ since: '15m', nodes: ['n1'], roles: ['slow'] });
  await vi.waitFor(
    async () => expect((await get(id)).items).toMatchObject([{ source: 'slow/sleep', state: 'running' }]),
    { ...patient, interval: 20 },
  );
  const cancelledMs = performance.now();
  await client.send('DELETE', `bundles/${id}`);
  const job = await ended(id);
  expect(performance.now() - cancelledMs).toBeLessThan(2000);
  expect(job).toMatchObject({ state: 'cancelled', path: null, items: [{ source: 'slow/sleep', state: 'cancelled' }] });
  const left = await readdir(join(folder, 'site/collector/bundles'));
  expect(left.filter((name) => name.includes(id))).toEqual([]);
  await vi.waitFor(async () => expect(await readdir(join(folder, 'n1/agent/jobs'))).toEqual([]), { timeout: 2000 });
});

test('progress tells of each source what came, for how long and how much is to come, and keeps it in the history', async () => {
  const { id } = await create({ since: '15m', nodes: ['n1'], roles: ['logs', 'slow'] });
  const told = await vi.waitFor(
    async () => {
      const job = await get(id);
      expect(job.items.find(({ source }) => source === 'slow/sleep')?.elapsedMs).toBeGreaterThan(0);
      // That of what is stored is known by then, that of a program that never ran is not.
      expect(job.progress.unknownSources).toBe(1);
      return job;
    },
    { ...patient, interval: 20 },
  );
  const app = told.items.find(({ source }) => source === 'logs/app');
  expect(app).toMatchObject({ state: 'ok', records: { count: 1, of: 'files' }, expected: { basis: 'measured' } });
  expect(told.items.find(({ source }) => source === 'slow/sleep')).toMatchObject({ records: null, expected: null });
  expect(told.progress.expectedBytes).toBeGreaterThan(told.progress.bytes);
  expect(told.progress).toMatchObject({ bytes: app?.bytes, remainingMs: null });
  await client.send('DELETE', `bundles/${id}`);
  const { items } = await ended(id);
  const took = items.find(({ source }) => source === 'slow/sleep')?.elapsedMs;
  expect(took).toBeGreaterThan(0);
  expect((await get(id)).items).toEqual(items);

  const whole = await ended((await create({ since: '15m', nodes: ['n1'], roles: ['logs'] })).id);
  expect(whole.state).toBe('complete');
  expect(whole.items.find(({ source }) => source === 'logs/app')).toMatchObject({
    ...{ records: { count: 1, of: 'files' }, elapsedMs: expect.any(Number) },
  });
  const logs = whole.items.find(({ node, source }) => node === 'n1' && source === 'telemetry/logs');
  expect(logs).toMatchObject({ records: { of: 'records' }, elapsedMs: expect.any(Number) });
  expect(logs?.records?.count).toBeGreaterThan(0);
  expect(whole.progress).toMatchObject({ expectedBytes: null, unknownSources: 0, remainingMs: null });
  expect(whole.progress.elapsedMs).toBe(Date.parse(whole.finishedAt ?? '') - Date.parse(whole.createdAt));
  expect(whole.progress.bytes).toBe(whole.items.reduce((sum, { bytes }) => sum + bytes, 0));
});

test('a node whose agent restarts in the middle is asked again, and the bundle is complete', async () => {
  const { id } = await create({ since: '15m', nodes: ['n2'], roles: ['slow', 'logs'] });
  await vi.waitFor(async () => expect((await get(id)).items.length).toBeGreaterThan(0), patient);
  await agents.get('n2')?.close();
  const slow = join(folder, 'n2.yaml');
  await writeFile(slow, (await readFile(slow, 'utf8')).replace("'30'", "'0.1'"));
  await startNode('n2');
  expect(await ended(id)).toMatchObject({ state: 'complete' });
});

test('the copy over the API is the bundle, whole or not at all', async () => {
  const job = (await client.get<BundleJob[]>('bundles')).find(({ state }) => state === 'complete');
  if (!job) throw new Error('no bundle to copy');
  const out = join(folder, 'out');
  await mkdir(out);
  const signal = new AbortController().signal;
  const copy = await fetchBundle(client, job, out, { signal });
  expect((await verifyBundle(copy)).ok).toBe(true);
  await run('diff', ['-r', copy, job.path ?? '']);
  await expect(fetchBundle(client, job, out, { signal })).rejects.toThrow('is there already');

  const tar = join(folder, 'bundle.tar');
  for await (const chunk of await client.bytes(`bundles/${job.id}/download`)) await appendFile(tar, chunk);
  await mkdir(join(folder, 'untar'));
  await run('tar', ['-xf', tar, '-C', join(folder, 'untar')]);
  await run('diff', ['-r', join(folder, 'untar', job.name), job.path ?? '']);

  const torn = { bytes: async () => [Buffer.from('x')] as unknown as AsyncIterable<Uint8Array> };
  await expect(
    fetchBundle(torn, { ...job, name: job.name.replace(/-[^-]+$/, '-aaaaaaaa') }, out, { signal }),
  ).rejects.toThrow();
  expect(await readdir(out)).toEqual([job.name]);
});

test('bad requests change nothing', async () => {
  const before = (await client.get<BundleJob[]>('bundles')).length;
  await expect(create({ since: '15m', nodes: ['n9'] })).rejects.toMatchObject({ code: 'SX_NOT_FOUND' });
  await expect(create({ since: 'never' })).rejects.toMatchObject({ code: 'SX_BAD_REQUEST' });
  await expect(create({ since: '15m', roles: ['../x'] })).rejects.toMatchObject({ code: 'SX_BAD_REQUEST' });
  await expect(create({ since: '15m', from: '15m' })).rejects.toMatchObject({ code: 'SX_BAD_REQUEST' });
  await expect(client.get('bundles/00000000')).rejects.toMatchObject({ code: 'SX_NOT_FOUND' });
  const [job] = await client.get<BundleJob[]>('bundles');
  for (const path of ['..%2f..%2fstate.db', 'data%2f..%2f..%2f..%2fstate.db', 'data/nothing.zip']) {
    await expect(client.bytes(`bundles/${job?.id}/files/${path}`)).rejects.toMatchObject({
      code: expect.stringMatching(/^SX_(BAD_REQUEST|NOT_FOUND)$/),
    });
  }
  expect(await client.get<BundleJob[]>('bundles')).toHaveLength(before);
});

test('a collector that stops in the middle takes the job up when it is back, and removes what it had left', async () => {
  const { id } = await create({ since: '15m', nodes: ['n1'], roles: ['slow'] });
  await vi.waitFor(async () => expect((await get(id)).state).toBe('gathering'), { ...patient, interval: 20 });
  const left = join(folder, 'site/collector/bundles/sx-site-20260101T000000Z-aaaaaaaa.partial');
  await mkdir(left);
  await agents.get('n1')?.close();
  const slow = join(folder, 'n1.yaml');
  await writeFile(slow, (await readFile(slow, 'utf8')).replace("'30'", "'0.1'"));
  await client.close();
  await collector.close();
  const dataDir = join(folder, 'site');
  const settings = loadSettings({
    dataDir,
    overrides: { 'collector.port': Number(new URL(collector.url).port), 'collector.storage.minFreeBytes': 0 },
  });
  collector = await startCollector({ dataDir, settings, log: silentLog });
  client = createApiClient({ dataDir });
  await startNode('n1');
  expect(await ended(id, 75_000)).toMatchObject({ state: 'complete', error: null });
  expect((await readdir(join(dataDir, 'collector/bundles'))).filter((name) => name.endsWith('.partial'))).toEqual([]);
}, 90_000);
