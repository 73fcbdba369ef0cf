import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { enroll } from '../../../../agent/identity/enroll.ts';
import { startAgent } from '../../../../agent/main.ts';
import type { Coverage } from '../../../../bundle/coverage.ts';
import { openVolume } from '../../../../bundle/open-volume.ts';
import { verifyBundle } from '../../../../bundle/verify.ts';
import { type ApiClient, createApiClient } from '../../../../cli/api-client.ts';
import type { BundleEstimate, BundleItemProgress, BundleJob } from '../../../../collector/api/shapes/bundles.ts';
import { type Collector, startCollector } from '../../../../collector/main.ts';
import { loadSettings } from '../../../../config/load.ts';
import { long } from '../../../long.ts';
import { silentLog } from '../api/site.ts';

// A loaded machine takes its time for three bundles.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let folder: string;
let collector: Collector;
let client: ApiClient;
let agent: { close(): Promise<void> };
const chattyLines = 1500;

const profile = (logs: string): string => `
name: test
description: a small machine
metrics: { enabled: true }
files: { follow: ['${logs}/*.log'] }
bundle:
  system:
    description: programs
    items:
      - { name: kernel, command: [uname, -a] }
      - { name: numbers, command: [seq, '1', '40000'] }
      - { name: gone, command: [no-such-program-here] }
      - { name: cpu, files: [/proc/cpuinfo] }
  logs:
    description: files
    items:
      - { name: app, files: ['${logs}/*.log'] }
      - { name: noise, files: ['${logs}/noise/*'] }
      - { name: wide, files: ['${logs}/wide/*'] }
  slow:
    description: takes its time
    items:
      - { name: sleep, command: [sleep, '30'] }
      - { name: declared, command: [sleep, '30'], expect: 1MiB }
`;

/** Lines as a busy service writes them: mostly alike, with names, addresses and secrets in between. */
const lines = (count: number, name: string): string =>
  Array.from(
    { length: count },
    (_, n) =>
      `${new Date(Date.now() - (count - n) * 20).toISOString()} ${name}[${1000 + (n % 7)}]: request ${randomBytes(6).toString('hex')} from 10.${n % 200}.${n % 13}.${n % 251} by user=eva${n % 9} took ${n % 977} ms${n % 50 === 0 ? ' password=hunter2' : ''}\n`,
  ).join('');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sextant-plan-'));
  const dataDir = join(folder, 'site');
  const settings = loadSettings({
    dataDir,
    overrides: { 'collector.port': 0, 'collector.storage.minFreeBytes': 0, 'site.name': 'Plant 7' },
  });
  collector = await startCollector({ dataDir, settings, log: silentLog });
  client = createApiClient({ dataDir });
  const logs = join(folder, 'logs');
  for (const name of ['.', 'noise', 'wide']) await mkdir(join(logs, name), { recursive: true });
  await writeFile(join(logs, 'chatty.log'), lines(chattyLines, 'chatty'));
  await writeFile(join(logs, 'rare.log'), lines(20, 'rare'));
  const seldom = (n: number): string => `${new Date(Date.now() - 600_000 + n).toISOString()} seldom: a disk gave up\n`;
  await writeFile(join(logs, 'seldom.log'), Array.from({ length: 10 }, (_, n) => seldom(n)).join(''));
  for (let n = 0; n < 12; n += 1)
    await writeFile(join(logs, `noise/${n}.txt`), randomBytes(n * 400).toString('base64'));
  await writeFile(join(logs, 'noise/binary'), randomBytes(200_000));
  await writeFile(join(logs, 'wide/log.txt'), Buffer.from(`\ufeff${lines(1000, 'wide')}`, 'utf16le'));
  await writeFile(join(folder, 'n1.yaml'), profile(logs));
  for (const node of ['n1', 'n2']) {
    const { token } = await client.send<{ token: string }>('POST', 'tokens', { kind: 'enroll' });
    await enroll({ dataDir: join(folder, node), collectorUrl: collector.url, token, node });
  }
  const own = { 'agent.limits.memory': 8 * 2 ** 30, 'agent.profile': [join(folder, 'n1.yaml')] };
  const agentDir = join(folder, 'n1');
  const agentSettings = loadSettings({ dataDir: agentDir, overrides: { ...own, 'agent.metrics.interval': 1000 } });
  agent = await startAgent({ dataDir: agentDir, settings: agentSettings, log: silentLog });
  await vi.waitFor(
    async () => {
      const sql = `SELECT count() AS n FROM otel_logs WHERE Node = 'n1' AND Body LIKE '%request%'`;
      const { rows } = await client.send<{ rows: { n: string }[] }>('POST', 'sql', { sql });
      expect(Number(rows[0]?.n)).toBe(chattyLines + 20);
      await client.get('nodes/n1/inventory');
      const stored = `SELECT count() AS n FROM otel_metrics_gauge WHERE Node = 'n1'`;
      const samples = await client.send<{ rows: { n: string }[] }>('POST', 'sql', { sql: stored });
      expect(Number(samples.rows[0]?.n)).toBeGreaterThan(0);
    },
    { timeout: 120_000, interval: 200 },
  );
});
afterAll(async () => {
  await agent.close();
  await client.close();
  await collector.close();
  // The engine may still be writing when its connections are closed.
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

const estimate = (body: object): Promise<BundleEstimate> => client.send('POST', 'bundles/estimate', body);
async function make(body: object): Promise<{ job: BundleJob; coverage: Coverage; path: string }> {
  const { id } = await client.send<BundleJob>('POST', 'bundles', body);
  const job = await vi.waitFor(
    async () => {
      const now = await client.get<BundleJob>(`bundles/${id}`);
      expect(now.finishedAt, `${now.state} ${now.error}`).not.toBeNull();
      return now;
    },
    { timeout: 150_000, interval: 100 },
  );
  expect(job.error).toBeNull();
  const { ok, coverage } = await verifyBundle(job.path ?? '');
  expect(ok).toBe(true);
  if (!coverage) throw new Error('a bundle without coverage');
  return { job, coverage, path: job.path ?? '' };
}

async function entries(path: string): Promise<Map<string, { bytes: number; packed: number; text: string }>> {
  const found = new Map<string, { bytes: number; packed: number; text: string }>();
  for (const name of await readdir(join(path, 'data'))) {
    for await (const entry of openVolume(join(path, 'data', name))) {
      const chunks: Buffer[] = [];
      for await (const chunk of await entry.content()) chunks.push(chunk);
      found.set(`${name}:${entry.path}`, {
        ...{ bytes: entry.bytes, packed: entry.compressedBytes },
        text: Buffer.concat(chunks).toString('utf8'),
      });
    }
  }
  return found;
}

test('the estimate is within a factor of two of the bundle, source by source, in content and packed', async () => {
  // What is newer than this may still be on its way, which a bundle would wait for.
  const until = new Date(Date.now() - 2500).toISOString();
  const order = { since: '15m', until, roles: ['system', 'logs'] };
  const told = await estimate(order);
  expect(await readdir(join(folder, 'site/collector')).then((names) => names.includes('bundles'))).toBe(false);
  expect(told.nodes).toEqual([
    { node: 'n1', state: 'estimated', reason: null },
    { node: 'n2', state: 'unreachable', reason: 'not connected to the collector' },
  ]);
  // Without the node that nobody waits for: what is compared is what is there.
  const { job, path } = await make({ ...order, nodes: ['n1'] });
  const packed = new Map<string, number>();
  for (const [name, entry] of await entries(path)) {
    const [volume = '', inside = ''] = name.split(':');
    const source = volume.startsWith('telemetry')
      ? (/^(?:logs|metrics|inventory)/.exec(inside)?.[0] ?? inside.replace('.json', ''))
      : inside
          .split('/')
          .slice(0, 2)
          .join('/')
          .replace(/\.txt$/, '');
    packed.set(source, (packed.get(source) ?? 0) + entry.packed);
  }
  const compared: string[] = [];
  for (const item of job.items.filter(({ bytes }) => bytes > 0)) {
    // The collector goes on writing its own log and audit between the two.
    if (item.node === '@collector') continue;
    const source = told.sources.find((each) => each.node === item.node && each.source === item.source);
    expect(source, item.source).toBeDefined();
    compared.push(item.source);
    // A command that found no time to be tried is a guess, and says so.
    if (source?.basis === 'guess') {
      expect(item.source).toMatch(/^system\/(?:kernel|numbers)$/);
      continue;
    }
    const ratio = (source?.bytes ?? 0) / item.bytes;
    expect(ratio, `${item.source}: ${source?.bytes} of ${item.bytes}`).toBeGreaterThan(0.5);
    expect(ratio, `${item.source}: ${source?.bytes} of ${item.bytes}`).toBeLessThan(2);
    const real = packed.get(item.source.replace('telemetry/', ''));
    // Of the telemetry of several names together there is no figure of one.
    if (real === undefined || item.source.startsWith('telemetry/')) continue;
    const packedRatio = (source?.packedBytes ?? 0) / (real + 200);
    expect(packedRatio, `${item.source} packed: ${source?.packedBytes} of ${real}`).toBeGreaterThan(0.5);
    expect(packedRatio, `${item.source} packed: ${source?.packedBytes} of ${real}`).toBeLessThan(2);
  }
  expect(compared.sort()).toEqual([
    ...['logs/app', 'logs/noise', 'logs/wide', 'system/cpu', 'system/kernel', 'system/numbers'],
    ...['telemetry/inventory', 'telemetry/logs', 'telemetry/metrics'],
  ]);
  const volumes = [...packed.values()].reduce((sum, bytes) => sum + bytes, 0);
  expect(told.packedBytes / volumes).toBeGreaterThan(0.5);
  expect(told.packedBytes / volumes).toBeLessThan(2);
  expect(told.sources.find(({ source }) => source === 'system/gone')).toMatchObject({ state: 'absent', bytes: 0 });
});

test('what a command printed for a bundle is what the next estimate says; one that hangs is a guess that says so', async () => {
  const told = await estimate({ since: '15m', nodes: ['n1'], roles: ['system', 'slow'] });
  const of = (name: string) => told.sources.find(({ source }) => source === name);
  expect(of('system/numbers')).toMatchObject({ basis: 'last-run', bytes: 228_894 });
  expect(of('slow/sleep')).toMatchObject({ basis: 'guess', reason: 'has not run on this node yet' });
  expect(of('slow/declared')).toMatchObject({ basis: 'declared', bytes: 2 ** 20 });
});

test('limits keep what is rare, cut what is much from its oldest on, mark it, and coverage counts it', async () => {
  const until = new Date(Date.now() - 1000).toISOString();
  const order = { since: '15m', until, roles: ['logs', 'system'], nodes: ['n1'] };
  const limits = { maxBytesPer: { logs: 150_000, files: 120_000, metrics: 50_000 } };
  const { coverage, path } = await make({ ...order, ...limits });
  const found = await entries(path);
  const source = (name: string) => coverage.sources.find((each) => each.source === name);

  const kept = [...found].filter(([name]) => name.includes(':logs/host-')).map(([, entry]) => entry.text);
  const records = kept.flatMap((text) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { body: string }),
  );
  const own = records.filter(({ body }) => body.includes('request'));
  const marks = records.filter(({ body }) => body.startsWith('[sextant: cut here: '));
  expect(marks).toHaveLength(1);
  expect(own.length).toBeLessThan(chattyLines);
  // Older than all of the chatty log, from the same source of the agent, and whole.
  expect(records.filter(({ body }) => body.includes('a disk gave up'))).toHaveLength(10);
  expect(own.length).toBeGreaterThan(200);
  expect(source('telemetry/logs')).toMatchObject({
    state: 'partial',
    leftOut: { records: expect.any(Number), bytes: expect.any(Number) },
  });
  expect(source('telemetry/logs')?.leftOut?.records).toBeGreaterThan(500);
  expect(source('telemetry/logs')?.bytes).toBeLessThan(150_000 * 1.3);
  expect(source('telemetry/metrics')?.bytes).toBeLessThan(50_000 * 1.3);

  // Of the files: the chatty log gives, the rare one stays whole.
  const app = [...found].filter(([name]) => name.includes(':logs/app/'));
  const rare = app.find(([name]) => name.endsWith('rare.log'))?.[1].text ?? '';
  expect(rare.split('\n')).toHaveLength(21);
  const chatty = app.find(([name]) => name.endsWith('chatty.log'))?.[1].text ?? '';
  expect(chatty).toMatch(/\n\[sextant: cut here: .* left out here\]\n/);
  expect(chatty.trimEnd().split('\n').at(-1)).toContain('chatty[');
  const files = ['logs/app', 'logs/noise', 'logs/wide', 'system/cpu'].map((name) => source(name)?.bytes ?? 0);
  expect(files.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(120_000 * 1.3);
  expect(source('logs/app')?.leftOut?.bytes).toBeGreaterThan(50_000);
  expect(source('system/numbers')).toMatchObject({ state: 'ok' });
  // What the agent has numbered has all come.
  expect(
    coverage.sources.flatMap(({ gaps = [] }) => gaps).filter(({ kind }) => kind === 'lost' || kind === 'sequence'),
  ).toEqual([]);
  expect(coverage.unanswered).toContainEqual(expect.stringMatching(/^What else stood in telemetry\/logs of host-/));
  expect(await readFile(join(path, 'index.html'), 'utf8')).toContain('left out');
});

test('a bundle that was made is deleted when somebody asks, with who in the audit, and no other', async () => {
  const [gone, kept] = (await client.get<BundleJob[]>('bundles')).filter(({ path }) => path !== null);
  if (!gone || !kept) throw new Error('the tests before have made two bundles');
  const remove = (id: string) => client.send<BundleJob>('DELETE', `bundles/${id}/files`);
  expect(await remove(gone.id)).toMatchObject({ path: null, removedAt: expect.any(String) });
  await expect(readdir(gone.path ?? '')).rejects.toThrow('ENOENT');
  await expect(remove(gone.id)).rejects.toMatchObject({ code: 'SX_NOT_FOUND' });
  await expect(remove('00000000')).rejects.toMatchObject({ code: 'SX_NOT_FOUND' });
  const [entry] = await client.get<{ event: string; details: object }[]>('audit', { since: '5m', limit: 1 });
  expect(entry).toMatchObject({ event: 'bundle.removed', details: { bundle: gone.id, because: 'asked' } });
  const left = (await client.get<BundleJob[]>('bundles')).filter(({ path }) => path !== null);
  expect(left.map(({ id }) => id)).toEqual([kept.id]);
});

test.runIf(long)('a limit of everything together is shared as well', async () => {
  const { coverage } = await make({ since: '15m', roles: ['logs', 'system'], nodes: ['n1'], maxBytes: 500_000 });
  const bytes = coverage.sources.reduce((sum, source) => sum + source.bytes, 0);
  expect(bytes).toBeLessThan(500_000 * 1.3);
  expect(bytes).toBeGreaterThan(500_000 * 0.5);
  expect(coverage.sources.find(({ source }) => source === 'system/kernel')).toMatchObject({ state: 'ok' });
});

test('Parquet is estimated where it is asked for, beside the lines that it is made of', async () => {
  const order = { since: '15m', nodes: ['n1'], roles: ['none'] };
  const copies = ({ sources }: BundleEstimate) => sources.filter(({ source }) => source.endsWith('-parquet'));
  expect(copies(await estimate(order))).toEqual([]);
  const told = await estimate({ ...order, parquet: true });
  const own = copies(told).filter(({ node }) => node === 'n1');
  expect(own.map(({ source, kind, state, basis }) => [source, kind, state, basis])).toEqual([
    ['telemetry/logs-parquet', 'documents', 'ok', 'guess'],
    ['telemetry/metrics-parquet', 'documents', 'ok', 'guess'],
  ]);
  const { coverage } = await make({ ...order, parquet: true });
  for (const { source, bytes } of own) {
    const made = coverage.sources.find((each) => each.source === source)?.bytes ?? Number.NaN;
    expect(bytes / made, `${source}: ${bytes} of ${made}`).toBeGreaterThan(0.33);
    expect(bytes / made, `${source}: ${bytes} of ${made}`).toBeLessThan(3);
  }
});

/** Sources of a class that can be chosen, of the node; documents are always there. */
const chosen = (sources: readonly Pick<BundleItemProgress, 'node' | 'source'>[]): string[] =>
  sources
    .filter(({ node, source }) => node === 'n1' && (!source.startsWith('telemetry/') || /logs|metrics/.test(source)))
    .map(({ source }) => source)
    .sort();

test('classes that were chosen are estimated and taken, by the node and of what is stored, and the others are no gap', async () => {
  const order = { since: '15m', nodes: ['n1'], roles: ['system', 'logs'] };
  const logs = { ...order, classes: ['logs', 'commands'] };
  const [told, made] = [await estimate(logs), await make(logs)];
  const expected = ['system/gone', 'system/kernel', 'system/numbers', 'telemetry/logs'];
  expect(chosen(told.sources)).toEqual(expected);
  expect(chosen(made.job.items)).toEqual(expected);
  expect(made.job).toMatchObject({ state: 'complete', classes: ['commands', 'logs'] });
  const { bundle, notes = [], unanswered = [] } = made.coverage;
  expect(bundle).toMatchObject({ state: 'complete', classes: ['commands', 'logs'] });
  expect(notes.join()).toContain('Only these classes of content were asked for: commands, logs.');
  for (const kind of ['files', 'journal', 'metrics']) {
    expect(unanswered.filter((question) => question.includes(`the class ${kind} was not asked for`))).toHaveLength(1);
  }
  const names = [...(await entries(made.path)).keys()].map((name) => name.split(':')[1] ?? '');
  expect(names).toEqual(expect.arrayContaining(['system/numbers.txt', 'alerts.json', 'index.json']));
  expect(names.filter((name) => /^(?:metrics|system\/cpu)|^logs\/(?:app|noise|wide)/.test(name))).toEqual([]);
  const [readme, page] = await Promise.all(
    ['README.txt', 'index.html'].map((name) => readFile(join(made.path, name), 'utf8')),
  );
  for (const text of [readme, page]) {
    expect(text).toContain('Only these classes of content were asked for: commands, logs.');
    expect(text).toContain('not everything was asked for');
  }
  expect(page).toContain('None are drawn: the class metrics was not asked for.');
});

test('what is stored alone can be chosen: the node is asked for nothing, and limits of other classes do not count', async () => {
  const order = { since: '15m', nodes: ['n1'], classes: ['metrics'], maxBytesPer: { metrics: 1e9, files: 1 } };
  const { job, coverage } = await make(order);
  expect(chosen(job.items)).toEqual(['telemetry/metrics']);
  expect(coverage.nodes).toMatchObject([{ state: 'gathered', volumes: [{}] }]);
  expect(coverage.notes?.join('\n')).not.toContain('files 1 B');
  expect(job.state).toBe('complete');
});

test('a class that there is not is refused with those that there are, and so is what none of the chosen can hold', async () => {
  const order = { since: '15m', nodes: ['n1'] };
  await expect(make({ ...order, classes: ['events'] })).rejects.toThrow('files, commands, journal, logs, metrics');
  await expect(make({ ...order, classes: ['files'], parquet: true })).rejects.toThrow(
    'Parquet is made of the classes logs and metrics',
  );
  await expect(estimate({ ...order, classes: ['files'], parquet: true })).rejects.toThrow('Parquet is made of');
  expect(chosen((await make({ ...order, roles: ['system'], classes: [] })).job.items)).toContain('telemetry/metrics');
});
