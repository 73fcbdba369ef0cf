import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createFileQuestions } from '../../../../agent/filesystems/file-questions.ts';
import { estimateEventLog } from '../../../../agent/jobs/estimate-event-log.ts';
import { runEstimateJob } from '../../../../agent/jobs/estimate-job.ts';
import { estimateRaw } from '../../../../agent/jobs/estimate-raw.ts';
import { exportCommand } from '../../../../agent/jobs/export-event-log.ts';
import { runGatherJob } from '../../../../agent/jobs/gather-job.ts';
import { openKnownSizes } from '../../../../agent/jobs/known-sizes.ts';
import { formatIdentityFile, generateIdentity } from '../../../../bundle/age/key.ts';
import { parseCoverage } from '../../../../bundle/coverage.ts';
import { createBundleJobs } from '../../../../collector/bundles/bundle-jobs.ts';
import { createAuditTrail } from '../../../../collector/state/audit.ts';
import { openState } from '../../../../collector/state/state.ts';
import { loadSettings } from '../../../../config/load.ts';
import type { AgentMessage, CollectorMessage, GatherRequest } from '../../../../protocol/control.ts';
import { emptyProfile } from '../../agent/sources/source-context.ts';
import { silentLog } from '../api/site.ts';
import { noStorage } from './no-storage.ts';

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
  const items = [
    { name: 'say', command: ['echo', 'hello'] },
    { name: 'dumps', files: [join(folder, '*.core')], raw: true, maxBytes: 500_000 },
    { name: 'events', eventLogs: ['System'] },
  ];
  const profile = { ...emptyProfile, bundle: { r: { description: '', items } } };
  const signal = new AbortController().signal;
  const gather = async (request: GatherRequest): Promise<void> => {
    const out = join(folder, 'job', request.bundleId);
    mkdirSync(out, { recursive: true });
    const volumes = await runGatherJob({
      questions: createFileQuestions({ most: 4 }),
      request,
      ...{ profile, node: 'n1', folder: out, signal },
      ...{ dataDir: folder, redactionKey: Buffer.alloc(32), names: [], nowMs, onProgress: tell },
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
    store: noStorage,
    hub: {
      send: (_: string, message: CollectorMessage) => {
        if (message.type === 'estimate') {
          const sizes = openKnownSizes(folder);
          void runEstimateJob({
            questions: createFileQuestions({ most: 4 }),
            request: message,
            profile,
            dataDir: folder,
            sizes,
            names: [],
            nowMs,
            signal,
          }).then((items) => tell({ type: 'estimate-done', estimateId: message.estimateId, items }));
        }
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
      onDisconnect: () => () => undefined,
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

test('what raw volumes would hold is told beforehand, within a factor of two, and only to whom it is for', async () => {
  const { jobs, order, make, dump } = await site();
  const told = await jobs.estimate({ ...order, caps: { perClass: {} }, raw: true });
  const of = (name: string) => told.sources.find(({ source }) => source === name);
  expect(of('r/dumps')).toMatchObject({ state: 'partial', bytes: dump.length });
  expect(of('r/dumps')?.reason).toMatch(/^NOT redacted: .*1 file \(.*\) would be left out/);
  expect(of('r/events')).toMatchObject({ state: 'absent', bytes: 0, reason: 'this machine has no Windows event log' });
  const { path } = await make(true);
  const { size } = await stat(join(path, 'data', 'raw.v001.zip.age'));
  const packed = of('r/dumps')?.packedBytes ?? 0;
  expect(packed / size).toBeGreaterThan(0.5);
  expect(packed / size).toBeLessThan(2);
  const limited = await jobs.estimate({ ...order, caps: { perClass: { files: 150_000 } }, raw: true });
  expect(limited.sources.find(({ source }) => source === 'r/dumps')?.reason).toContain('at most');
  const misspelt = await jobs.estimate({ ...order, caps: { perClass: {} }, roles: ['systm'] });
  expect(misspelt.sources.find(({ source }) => source === 'systm')).toMatchObject({
    state: 'absent',
    reason: expect.stringContaining('has no such role'),
  });
  const without = await jobs.estimate({ ...order, caps: { perClass: {} } });
  expect(without.sources.map(({ source }) => source).filter((name) => name.startsWith('r/'))).toEqual(['r/say']);
  await expect(
    jobs.estimate({ ...order, caps: { perClass: {} }, redaction: 'strict', raw: true }),
  ).rejects.toMatchObject({ code: 'SX_BAD_REQUEST' });
});

const gli = (fileSize: number, records: number): string =>
  `creationTime: 2026-07-01T10:25:46.168Z\r\nlastAccessTime: 2026-11-28T10:25:46.168Z\r\nlastWriteTime: 2026-11-28T10:25:46.168Z\r\nfileSize: ${fileSize}\r\nattributes: 32\r\nnumberOfLogRecords: ${records}\r\noldestRecordNumber: 1\r\n`;
const event = (id: number): string =>
  `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><EventRecordID>${id}</EventRecordID></System></Event>\r\n`;
const window = { fromUnixMs: 0, untilUnixMs: 1000, signal: new AbortController().signal };

test('a channel is estimated by the numbers of its first and last event in the window', async () => {
  const asked: string[][] = [];
  const ask = async (args: readonly string[]): Promise<string> => {
    asked.push([...args]);
    if (args[0] === 'gli') return gli(20 * 2 ** 20, 40_000);
    return event(args.includes('/rd:true') ? 39_999 : 38_000);
  };
  expect(await estimateEventLog('System', window, ask)).toEqual({ records: 2000, bytes: 2 ** 20 });
  expect(asked[1]?.[2]).toBe(exportCommand('System', 'x', window).at(-1));
  const quiet = async (args: readonly string[]): Promise<string> => (args[0] === 'gli' ? gli(2 ** 20, 300) : '');
  // An .evtx without events has a header and a chunk.
  expect(await estimateEventLog('Setup', window, quiet)).toEqual({ records: 0, bytes: 68 * 1024 });
});

test('a channel that does not say how large it is is called unknown, not empty', async () => {
  const ask = async (args: readonly string[]): Promise<string> => {
    if (args[1] === 'Security') throw new Error('Access is denied.');
    return args[0] === 'gli' ? gli(2 ** 20, 1000) : event(args.includes('/rd:true') ? 1000 : 501);
  };
  const context = {
    questions: createFileQuestions({ most: 4 }),
    ...{ ...window, scratch: tmpdir(), nowMs: Date.now, tryUntilMs: 0, sizes: openKnownSizes(tmpdir()) },
    ...{ maxBytesOf: () => Number.POSITIVE_INFINITY, redact: (piece: Buffer) => Promise.resolve(piece) },
  };
  const of = (eventLogs: string[]) => estimateRaw({ name: 'e', eventLogs }, context, { ask, hasEventLog: true });
  expect(await of(['Security'])).toMatchObject({ state: 'failed', bytes: 0, basis: 'guess' });
  const both = await of(['System', 'Security']);
  expect(both).toMatchObject({ state: 'partial', bytes: 2 ** 19, basis: 'sampled' });
  expect(both.reason).toMatch(/System: 500 events, .*; Security: not known before it is gathered: Access is denied/);
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
