import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { exportCommand } from '../../../../agent/jobs/export-event-log.ts';
import { runGatherJob } from '../../../../agent/jobs/gather-job.ts';
import { formatIdentityFile, generateIdentity } from '../../../../bundle/age/key.ts';
import { parseCoverage } from '../../../../bundle/coverage.ts';
import { createBundleJobs } from '../../../../collector/bundles/bundle-jobs.ts';
import { createAuditTrail } from '../../../../collector/state/audit.ts';
import { openState } from '../../../../collector/state/state.ts';
import { loadSettings } from '../../../../config/load.ts';
import type { AgentMessage, CollectorMessage, GatherRequest } from '../../../../protocol/control.ts';
import { emptyProfile } from '../../agent/sources/source-context.ts';
import { silentLog } from '../api/site.ts';

const run = promisify(execFile);
const identities = [generateIdentity(), generateIdentity()];
const secret = 'hunter2-in-a-dump';

/** Jobs over a real state.db; its one node gathers with the agent's own job, and delivers without a network. */
async function site(recipients = identities.map(({ recipient }) => recipient.text)) {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-raw-'));
  const nowMs = () => Date.now();
  const state = openState(folder, { nowMs });
  const dump = Buffer.concat([randomBytes(100_000), Buffer.from(secret), randomBytes(100_000)]);
  await writeFile(join(folder, 'app.core'), dump);
  await writeFile(join(folder, 'huge.core'), randomBytes(600_000));
  const requests: GatherRequest[] = [];
  const handlers = new Set<(node: string, message: AgentMessage) => void>();
  const tell = (message: AgentMessage): void => {
    for (const handler of handlers) handler('n1', message);
  };
  const gather = async (request: GatherRequest): Promise<void> => {
    const out = join(folder, 'job', request.bundleId);
    mkdirSync(out, { recursive: true });
    const files = [join(folder, '*.core')];
    const items = [
      { name: 'say', command: ['echo', 'hello'] },
      { name: 'dumps', files, raw: true, maxBytes: 500_000 },
      { name: 'events', eventLogs: ['System'] },
    ];
    const volumes = await runGatherJob({
      request,
      ...{ profile: { ...emptyProfile, bundle: { r: { description: '', items } } }, node: 'n1', folder: out },
      ...{ dataDir: folder, redactionKey: Buffer.alloc(32), names: [], nowMs, onProgress: tell },
      signal: new AbortController().signal,
    });
    const uploaded: { name: string; bytes: number; sha512: string }[] = [];
    for (const { name, path, bytes } of volumes) {
      const content = await readFile(path);
      // Nothing of it lies in the clear once the job is over.
      expect(content.includes(secret)).toBe(false);
      const sha512 = createHash('sha512').update(content).digest('hex');
      uploaded.push({ name, bytes, sha512 });
      await jobs
        .volumes(request.bundleId, 'n1')
        .append({ node: 'n1', ...{ name, bytes, sha512 } }, 0, Readable.from([content]));
    }
    expect(await readdir(out)).toEqual(uploaded.map(({ name }) => name).sort());
    tell({ type: 'gather-done', bundleId: request.bundleId, attempt: 1, volumes: uploaded });
  };
  const jobs = createBundleJobs({
    ...{ folder: join(folder, 'bundles'), keysFolder: join(folder, 'keys'), journalFolder: folder, state },
    settings: loadSettings({
      dataDir: folder,
      overrides: { 'collector.bundles.recipients': recipients, 'collector.storage.minFreeBytes': 0 },
    }),
    store: { query: () => Promise.reject(new Error('there is no storage here')) },
    hub: {
      send: (_: string, message: CollectorMessage) => {
        if (message.type !== 'gather') return true;
        requests.push(message);
        void gather(message).catch((error) =>
          tell({ type: 'gather-done', bundleId: message.bundleId, attempt: 1, volumes: [], error: String(error) }),
        );
        return true;
      },
      onMessage: (handler: (node: string, message: AgentMessage) => void) => {
        handlers.add(handler);
        return () => handlers.delete(handler);
      },
      onConnect: () => () => undefined,
    } as never,
    registry: { list: () => [{ node: 'n1' }] as never, inventory: () => undefined },
    ...{ peers: { list: () => [] }, alerts: { list: () => [] }, audit: createAuditTrail(state, { nowMs }) },
    ...{ log: silentLog, nowMs },
  });
  onTestFinished(async () => {
    await jobs.close();
    state.close();
    rmSync(folder, { recursive: true });
  });
  const order = {
    ...{ fromUnixMs: nowMs() - 60_000, untilUnixMs: nowMs() - 10_000, nodes: ['n1'], roles: [] },
    ...{ redaction: 'standard' as const, requestedBy: 'eva' },
  };
  const make = async (raw?: boolean) => {
    const { id } = await jobs.create({ ...order, ...(raw !== undefined && { raw }) });
    return vi.waitFor(
      async () => {
        const job = jobs.get(id);
        expect(job.finishedAt).not.toBeNull();
        const path = job.path ?? '';
        const coverage = parseCoverage(await readFile(join(path, 'coverage.json'), 'utf8'));
        return { path, coverage, data: await readdir(join(path, 'data')) };
      },
      { timeout: 20_000, interval: 50 },
    );
  };
  return { folder, jobs, order, make, requests, dump };
}

test('raw files lie in a volume of their own, which age and unzip open, and in no other; coverage says that they are not redacted', async () => {
  const { folder, make, dump } = await site();
  const { path, coverage, data } = await make(true);
  expect(data.filter((name) => name.startsWith('raw'))).toEqual(['raw.v001.zip.age']);
  const keyFile = join(folder, 'key');
  await writeFile(keyFile, formatIdentityFile(identities[1] as never, 0), { mode: 0o600 });
  const holding: string[] = [];
  for (const name of data) {
    const zip = join(folder, name.replace(/\.age$/, ''));
    await run('age', ['-d', '-i', keyFile, '-o', zip, join(path, 'data', name)]);
    const out = join(folder, `${name}.d`);
    await run('unzip', ['-q', zip, '-d', out]);
    for (const entry of await readdir(out, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const content = await readFile(join(entry.parentPath, entry.name));
      if (content.includes(secret)) holding.push(name);
      if (entry.name === 'app.core') expect(content.equals(dump)).toBe(true);
    }
  }
  expect(holding).toEqual(['raw.v001.zip.age']);

  const source = (name: string) => coverage?.sources.find((each) => each.source === name);
  expect(source('r/dumps')).toMatchObject({ state: 'partial', bytes: dump.length, leftOut: { bytes: 600_000 } });
  expect(source('r/dumps')?.reason).toMatch(/^NOT redacted: .*; .*huge\.core: .* left out/);
  expect(source('r/events')).toMatchObject({ state: 'absent', bytes: 0 });
  expect(coverage?.nodes[0]?.volumes.map(({ name }) => name)).toContain('raw.v001.zip.age');
  for (const page of ['README.txt', 'index.html']) {
    const text = await readFile(join(path, page), 'utf8');
    expect(text).toMatch(/raw\.vNNN\.zip\.age is NOT redacted.*encrypted only/);
    expect(text).not.toContain(secret);
  }
  await run('sha512sum', ['-c', '--strict', 'manifest-sha512.txt', 'tagmanifest-sha512.txt'], { cwd: path });
});

test('nobody who did not ask gets any: neither a source nor a volume nor a word', async () => {
  const { make, requests, jobs, order } = await site();
  const { path, coverage, data } = await make();
  expect(requests[0]).not.toHaveProperty('raw');
  expect(data.filter((name) => name.startsWith('raw'))).toEqual([]);
  expect(coverage?.sources.map(({ source }) => source).filter((name) => name.startsWith('r/'))).toEqual(['r/say']);
  expect(await readFile(join(path, 'README.txt'), 'utf8')).not.toContain('raw.v');
  // Strict lets nothing out that is not redacted.
  await expect(jobs.create({ ...order, redaction: 'strict', raw: true })).rejects.toMatchObject({
    code: 'SX_BAD_REQUEST',
    message: expect.stringContaining('strict'),
  });
});

test('without recipients it is refused before any node is asked', async () => {
  const { jobs, order, requests } = await site([]);
  await expect(jobs.create({ ...order, raw: true })).rejects.toMatchObject({
    code: 'SX_BAD_REQUEST',
    message: expect.stringContaining('no recipients are configured'),
  });
  expect(jobs.list()).toEqual([]);
  expect(requests).toEqual([]);
});

test('the window of a channel is exported by its times', () => {
  expect(exportCommand('System', 'C:\\x.evtx', { fromUnixMs: 0, untilUnixMs: 1000 })).toEqual([
    ...['wevtutil.exe', 'epl', 'System', 'C:\\x.evtx'],
    "/q:*[System[TimeCreated[@SystemTime>='1970-01-01T00:00:00.000Z' and @SystemTime<='1970-01-01T00:00:01.000Z']]]",
  ]);
});
