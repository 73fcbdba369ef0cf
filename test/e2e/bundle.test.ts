import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Coverage } from '../../bundle/coverage.ts';
import { verifyBundle } from '../../bundle/verify.ts';
import type { BundleEstimate } from '../../collector/api/shapes/bundles.ts';
import { encodeEntry } from '../../collector/journal/entry.ts';
import { journalFileName } from '../../collector/journal/file-name.ts';
import { long } from '../long.ts';
import { patient } from '../patience.ts';
import { logsRequest } from '../unit/collector/store/otlp-requests.ts';
import { type Site, sextant, startSite, temporaryFolder } from './running-site.ts';

const run = promisify(execFile);
const { folder, remove } = temporaryFolder();
const dataDir = join(folder, 'data');
const out = join(folder, 'out');
const app = join(folder, 'app.log');
let site: Site;
let bundle: string;

beforeAll(async () => {
  await writeFile(app, 'Server=db;User Id=sa;Password=hunter2\nthe service is up\n');
  site = await startSite(dataDir, { args: ['--follow', join(folder, '*.log')] });
  await vi.waitFor(
    async () => {
      const { stdout } = await site.sextant('logs', '--since', '5m', '--grep', 'the service is up', '--json');
      expect(stdout).not.toBe('');
    },
    { ...patient, interval: 200 },
  );
});
afterAll(async () => {
  await site?.stop();
  remove();
});

/** Exit code 3 where this machine denies the agent something; the coverage says what. */
const done = [0, 3];
const verify = (...args: string[]) => sextant(['bundle', 'verify', ...args]);

test('sextant bundle create writes a bundle and says where, with what is in it', async () => {
  const order = ['bundle', 'create', '--since', '15m', '--parquet'];
  const { code, stdout, stderr } = await site.sextant(...order, '--out', out, '--json');
  expect(done, stderr).toContain(code);
  const answer = JSON.parse(stdout);
  expect(answer).toMatchObject({
    id: expect.any(String),
    state: code === 0 ? 'complete' : 'partial',
    bytes: expect.any(Number),
    coverage: { sources: expect.objectContaining({ ok: expect.any(Number) }), gaps: expect.any(Array) },
  });
  bundle = answer.path;
  expect(await readdir(out)).toEqual([bundle.slice(out.length + 1)]);
});

test('sha512sum, unzip and minisign accept it, and sextant bundle verify with the site’s key', async () => {
  await run('sha512sum', ['-c', '--strict', 'manifest-sha512.txt', 'tagmanifest-sha512.txt'], { cwd: bundle });
  const key = join(dataDir, 'collector/keys/sextant.pub');
  await run('minisign', ['-V', '-m', 'tagmanifest-sha512.txt', '-p', key], { cwd: bundle });
  for (const volume of await readdir(join(bundle, 'data'))) await run('unzip', ['-tq', join(bundle, 'data', volume)]);
  const { code, stdout } = await verify(bundle, '--key', key);
  expect(stdout).toContain('Signed with the key that you named');
  expect(code).toBe(0);
});

test('what was logged is in it, and the password is not', async () => {
  const { stdout } = await run('unzip', ['-p', join(bundle, 'data/telemetry.v001.zip'), 'logs/*'], { maxBuffer: 1e9 });
  expect(stdout).toContain('the service is up');
  expect(stdout).toMatch(/User Id=sa;Password=\[masked:connection-string:[0-9a-f]{8}\]/);
  for (const volume of await readdir(join(bundle, 'data'))) {
    const content = await run('unzip', ['-p', join(bundle, 'data', volume)], { maxBuffer: 1e9, encoding: 'latin1' });
    expect(content.stdout.includes('hunter2'), volume).toBe(false);
  }
});

test('what was stored is in it as Parquet too', async () => {
  const { stdout } = await run('unzip', ['-Z1', join(bundle, 'data/telemetry.v001.zip')], { maxBuffer: 1e9 });
  const entries = stdout.split('\n');
  const of = (folder: string): string[] => entries.filter((name) => name.startsWith(folder)).sort();
  // One series a node and source, whatever its channels.
  const ofLogs = of('logs/').map((name) => name.split('/').slice(0, 3).join('/'));
  const lines = [...of('metrics/').map((name) => name.replace(/\.ndjson$/, '')), ...ofLogs];
  expect([...of('parquet/metrics/'), ...of('parquet/logs/')]).toEqual(
    [...new Set(lines)].map((name) => `parquet/${name}/0001.parquet`),
  );
  const { sources } = JSON.parse(await readFile(join(bundle, 'coverage.json'), 'utf8')) as Coverage;
  const copies = sources.filter(({ source }) => source.endsWith('-parquet'));
  expect(copies.length).toBeGreaterThan(1);
  for (const { state, reason, bytes } of copies) {
    expect(state, `${reason}`).toBe('ok');
    expect(bytes).toBeGreaterThan(0);
  }
});

test('one changed byte in any part is found, with the part’s name and exit code 1', async () => {
  const parts = [...(await readdir(bundle)), ...(await readdir(join(bundle, 'data'))).map((name) => `data/${name}`)];
  for (const part of parts.filter((name) => name !== 'data')) {
    const copy = join(folder, 'changed', part.replace('/', '-'));
    await mkdir(join(folder, 'changed'), { recursive: true });
    await cp(bundle, copy, { recursive: true });
    const file = await open(join(copy, part), 'r+');
    const at = Math.floor((await file.stat()).size / 2);
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
    await file.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, at);
    await file.close();
    const faults = (await verifyBundle(copy)).parts.filter((found) => !found.ok).map((found) => found.part);
    // A change of the list shows as a signature that does not fit it.
    const named = part === 'tagmanifest-sha512.txt' ? `${part}.minisig` : part;
    expect(faults, part).toContain(named);
    // What the command makes of it is the same for each.
    if (!/^data\/telemetry|^index|^tagmanifest-sha512.txt$/.test(part)) continue;
    const { code, stdout } = await verify(copy, '--json');
    expect(code, part).toBe(1);
    const told = JSON.parse(stdout).parts.filter((found: { ok: boolean }) => !found.ok);
    expect(told.map((found: { part: string }) => found.part)).toEqual(faults);
  }
}, 120_000);

test('bundle list and status show it; a part of the machine can be asked for alone', async () => {
  const { stdout } = await site.sextant('bundle', 'list', '--json');
  const [job] = JSON.parse(stdout);
  expect(bundle).toContain(job.id);
  const status = (await site.sextant('bundle', 'status', job.id)).stdout;
  expect(status).toMatch(/^NODE .* SIZE +RECORDS +TIME +REASON$/m);
  expect(status).toMatch(/ system\/uname +ok +\S+ B +\d+ m?s/);
  expect(status).toMatch(/ telemetry\/logs +\S+ +\S+ [KM]?i?B +\d+ records? +\d+ m?s/);
  const told = JSON.parse((await site.sextant('bundle', 'status', job.id, '--json')).stdout);
  expect(told.progress).toMatchObject({ remainingMs: null, unknownSources: 0, elapsedMs: expect.any(Number) });

  const small = await site.sextant(
    'bundle',
    'create',
    '--since',
    '5m',
    '--role',
    'storage',
    '--out',
    join(folder, 'small'),
  );
  expect(done).toContain(small.code);
  expect(small.stderr).toMatch(/ storage\/df {2}\S+ [KM]?i?B, \d+ m?s$/m);
  expect(small.stderr).not.toContain('system/uname');
});

test('a class of content can be chosen; what was not is said on the terminal, and there is none of it', async () => {
  const order = ['bundle', 'create', '--since', '15m', '--class', 'logs'];
  const { code, stdout, stderr } = await site.sextant(...order, '--out', join(folder, 'chosen'));
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('Note: Only these classes of content were asked for: logs.');
  expect(stdout).toMatch(/It cannot answer \d+ questions/);
  expect(stdout).toContain('Complete:');
  const path = stdout.trim().split('\n').at(-1) ?? '';
  expect(await logsOf(path)).toContain('the service is up');
  const {
    bundle,
    sources,
    unanswered = [],
  } = JSON.parse(await readFile(join(path, 'coverage.json'), 'utf8')) as Coverage;
  expect(bundle.classes).toEqual(['logs']);
  expect(unanswered.filter((question) => question.includes('was not asked for'))).toHaveLength(4);
  expect(sources.filter(({ source }) => /^(?:system|storage)\/|metrics/.test(source))).toEqual([]);

  const status = await site.sextant('bundle', 'status', bundle.id);
  expect(status.stdout).toContain('Only logs of the classes.');
  const dry = await site.sextant(...order, '--class', 'metrics', '--dry-run');
  expect(dry.stdout).toContain('Only logs, metrics of the classes: what the others would bring is not counted.');
  expect(dry.stdout).not.toContain('system/uname');
  const unknown = await site.sextant('bundle', 'create', '--class', 'logs,metrics');
  expect(unknown.code).not.toBe(0);
  expect(unknown.stderr).toContain('Classes are files, commands, journal, logs, metrics; one at a time');
});

const collectorFolder = join(dataDir, 'collector');
/** Name, size and time of change of every file of telemetry, state and keys. */
async function fingerprint(): Promise<string[]> {
  const lines: string[] = [];
  for (const part of ['engine', 'journal', 'keys', 'ca']) {
    for (const entry of await readdir(join(collectorFolder, part), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const { size, mtimeMs } = await stat(path);
      lines.push(`${path} ${size} ${mtimeMs}`);
    }
  }
  return lines.sort();
}
const logsOf = async (path: string): Promise<string> =>
  (await run('unzip', ['-p', join(path, 'data/telemetry.v001.zip'), 'logs/*'], { maxBuffer: 1e9 })).stdout;
const views = async (): Promise<string[]> => (await readdir(dataDir)).filter((name) => name.includes('view-'));

test.skipIf(!long)(
  'over a collector that hangs a bundle is made of what lies on disk, and it goes on as if nothing had been',
  async () => {
    process.kill(site.pid('collector'), 'SIGSTOP');
    try {
      // Without --offline it is asked first, for ten seconds.
      const how = long ? [] : ['--offline'];
      const { code, stdout, stderr } = await site.sextant('bundle', 'create', ...how, '--out', out, '--json');
      expect(code, stderr).toBe(3);
      expect(stderr).toMatch(/Without the collector: .*sextant collector \(process \d+/);
      const { path, coverage } = JSON.parse(stdout);
      expect(coverage.nodes[0]).toMatchObject({ state: 'unreachable', reason: expect.stringContaining('not asked: ') });
      expect(await logsOf(path)).toContain('the service is up');
      expect(await views()).toEqual([]);
    } finally {
      process.kill(site.pid('collector'), 'SIGCONT');
    }
    await writeFile(app, 'after the hang\n', { flag: 'a' });
    await vi.waitFor(async () => expect((await site.sextant('logs', '--grep', 'after the hang')).stdout).not.toBe(''), {
      timeout: 20_000,
      interval: 200,
    });
    const { stdout } = await site.sextant('audit', '--json');
    expect(stdout).toContain('bundle.made-offline');
  },
  60_000,
);

test('with the collector dead a bundle is made of its disk, journal files that were not applied yet included', async () => {
  await site.stop('SIGKILL', 'group');
  const nowMs = Date.now();
  const otlp = logsRequest([{ unixMs: nowMs, body: 'acknowledged and never stored' }]);
  const node = hostname();
  const mark = { node, stream: 'logs', epoch: 'e', sequence: 1n, receivedUnixNano: BigInt(nowMs) * 1_000_000n };
  const name = journalFileName('logs', BigInt(nowMs));
  // Behind it the tail of a batch that was being written.
  const content = Buffer.concat([...encodeEntry(otlp, mark), Buffer.from([200, 1, 10])]);
  await writeFile(join(collectorFolder, 'journal', name), content);
  const before = await fingerprint();

  const order = ['bundle', 'create', '--since', '1h', '--parquet'];
  const { code, stdout, stderr } = await site.sextant(...order, '--out', out, '--json');
  expect(code, stderr).toBe(3);
  expect(stderr).toContain('Without the collector: the collector is not running');
  const { path, coverage } = JSON.parse(stdout);
  const told = JSON.parse(await readFile(join(path, 'coverage.json'), 'utf8')) as Coverage;
  const copies = told.sources.filter(({ source }) => source.endsWith('-parquet'));
  expect(new Set(copies.map(({ state }) => state))).toEqual(new Set(['ok']));
  const logs = await logsOf(path);
  expect(logs).toContain('the service is up');
  expect(logs).toContain('acknowledged and never stored');
  expect(logs).not.toContain('hunter2');
  const [lost] = coverage.nodes;
  expect(lost.reason).toMatch(
    /last seen .* before this bundle was made; .*inventory.*; what it had streamed is included/,
  );
  const report = await readFile(join(path, 'index.html'), 'utf8');
  expect(report.slice(report.indexOf('What is missing'))).toMatch(
    /unreachable.*not asked: the collector is not running/,
  );
  expect(report).toContain('How this bundle was made');
  expect((await verify(path, '--key', join(collectorFolder, 'keys/sextant.pub'))).code).toBe(0);
  expect(await fingerprint()).toEqual(before);
  expect(await views()).toEqual([]);
}, 60_000);

test('with the collector dead --dry-run tells what such a bundle holds, source by source, and changes nothing', async () => {
  // Of another sender, and not yet in a table.
  const untilMs = Date.now();
  const lines = Array.from({ length: 3000 }, (_, n) => ({
    unixMs: untilMs - n,
    body: `request ${n} took ${n % 97} ms`,
  }));
  const mark = { stream: 'logs', epoch: 'e2', sequence: 1n, receivedUnixNano: BigInt(untilMs) * 1_000_000n };
  const entry = encodeEntry(logsRequest(lines), { ...mark, node: 'otlp:shop' });
  await writeFile(join(collectorFolder, 'journal', journalFileName('logs', BigInt(untilMs))), Buffer.concat(entry));
  const [before, outBefore] = [await fingerprint(), await readdir(out)];

  const order = ['bundle', 'create', '--since', '1h', '--until', new Date(untilMs + 1).toISOString(), '--json'];
  const dry = await site.sextant(...order, '--dry-run', '--out', out);
  expect(dry.code, dry.stderr).toBe(0);
  expect(dry.stderr).toContain('Without the collector: the collector is not running');
  const told = JSON.parse(dry.stdout) as BundleEstimate & { notes: string[] };
  expect(told.nodes).toEqual([
    { node: hostname(), state: 'unreachable', reason: 'not asked: the collector is not running' },
  ]);
  expect(told.notes[0]).toContain('Its data folder was read as it lay on disk');
  expect([await fingerprint(), await readdir(out), await views()]).toEqual([before, outBefore, []]);

  // It lies where the command is called when no place is named, although the engine takes another working folder.
  await mkdir(join(folder, 'compared'));
  const made = await sextant([...order, '--data-dir', dataDir], ['env', '-C', join(folder, 'compared')]);
  expect(made.code, made.stderr).toBe(3);
  const { path } = JSON.parse(made.stdout);
  expect(dirname(path)).toBe(join(folder, 'compared'));
  const { sources } = JSON.parse(await readFile(join(path, 'coverage.json'), 'utf8')) as Coverage;
  // In the bundle names stand under pseudonyms: what is alike comes in the same order.
  const inBundle = Map.groupBy(sources, ({ source }) => source);
  const inEstimate = Map.groupBy(told.sources, ({ source }) => source);
  expect([...inEstimate.keys()].sort()).toEqual([...inBundle.keys()].sort());
  for (const [source, rows] of inBundle) {
    const estimated = inEstimate.get(source) ?? [];
    expect(estimated.map(({ state }) => state === 'absent')).toEqual(rows.map(({ state }) => state === 'absent'));
    for (const [at, { bytes }] of rows.entries()) {
      const ratio = ((estimated[at]?.bytes ?? 0) + 1) / (bytes + 1);
      expect(ratio, `${source} ${at}: ${estimated[at]?.bytes} of ${bytes}`).toBeGreaterThan(0.5);
      expect(ratio, `${source} ${at}: ${estimated[at]?.bytes} of ${bytes}`).toBeLessThan(2);
    }
  }
  expect(told.sources.find(({ node }) => node === 'otlp:shop')).toMatchObject({ reason: '3000 records' });
  expect((await logsOf(path)).match(/request \d+ took/g)).toHaveLength(3000);
  const { size } = await stat(join(path, 'data/telemetry.v001.zip'));
  expect(told.packedBytes / size).toBeGreaterThan(0.5);
  expect(told.packedBytes / size).toBeLessThan(2);
}, 90_000);

test('with the collector dead classes can be chosen as well, of the bundle and of what is told before', async () => {
  const order = ['bundle', 'create', '--since', '1h', '--class', 'metrics', '--json'];
  const dry = await site.sextant(...order, '--dry-run');
  const kinds = (sources: { source: string }[]): Set<string> =>
    new Set(sources.map(({ source }) => source).filter((source) => /logs|metrics/.test(source)));
  expect(kinds((JSON.parse(dry.stdout) as BundleEstimate).sources)).toEqual(new Set(['telemetry/metrics']));
  const { stdout } = await site.sextant(...order, '--out', join(folder, 'chosen'));
  const { path, coverage } = JSON.parse(stdout);
  const { bundle: asked, sources } = JSON.parse(await readFile(join(path, 'coverage.json'), 'utf8')) as Coverage;
  expect(asked.classes).toEqual(['metrics']);
  expect(kinds(sources)).toEqual(new Set(['telemetry/metrics']));
  // What a node would bring was not asked for; what it had not sent yet is missing all the same.
  expect(coverage.unanswered[0]).toMatch(/^What only .* had and had not sent yet\.$/);
  const refused = await site.sextant('bundle', 'create', '--class', 'files', '--parquet', '--out', out);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('Parquet is made of the classes logs and metrics');
}, 60_000);

test.skipIf(!long)(
  'a command that is killed over a data folder leaves a view, which the next one removes',
  async () => {
    const program = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
    const child = spawn(process.execPath, [program, 'bundle', 'create', '--data-dir', dataDir, '--out', out], {
      stdio: 'ignore',
    });
    await vi.waitFor(async () => expect(await views()).toHaveLength(1), { timeout: 20_000, interval: 5 });
    child.kill('SIGKILL');
    await once(child, 'close');
    const { code, stderr } = await site.sextant('bundle', 'create', '--since', '1m', '--out', out);
    expect(code, stderr).toBe(3);
    expect(await views()).toEqual([]);
    expect((await readdir(out)).filter((name) => name.endsWith('.partial'))).toEqual([]);
  },
  60_000,
);

test('where there is neither a collector nor a folder of one no bundle is made', async () => {
  const { code, stderr } = await sextant(['bundle', 'create', '--out', out, '--data-dir', join(folder, 'nothing')]);
  expect(code).toBe(1);
  expect(stderr).toContain('SX_NO_COLLECTOR');
  expect((await verify(bundle)).code).toBe(0);
  expect(await readFile(join(bundle, 'README.txt'), 'utf8')).toContain('minisign -V');
});
