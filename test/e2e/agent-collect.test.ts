import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keptFile } from '../../agent/profile/fallback/kept-file.ts';
import { answerProfile } from '../../agent/profile/pushed/answer.ts';
import { formatIdentityFile, generateIdentity } from '../../bundle/age/key.ts';
import { parseCoverage } from '../../bundle/coverage.ts';
import type { BundleEstimate } from '../../collector/api/shapes/bundles.ts';
import { emitNumbered, type KeptNode, openKeptNode } from '../unit/agent/ring/kept-node.ts';
import { run, sextant, temporaryFolder } from './running-site.ts';

const { folder, remove } = temporaryFolder();
const dataDir = join(folder, 'data');
const out = join(folder, 'out');
let node: KeptNode;

const profile = (items: string): string => `name: test
description: A few quick items
bundle:
  system:
    description: Facts
    items:
      - name: facts
        command: [echo, password=hunter2 on web-01]
${items}`;

beforeAll(async () => {
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(folder, 'test.yaml'), profile(''));
  await writeFile(
    join(dataDir, 'sextant.yaml'),
    `site:\n  name: Plant 7\nagent:\n  node: web-01\n  profile: [${join(folder, 'test.yaml')}]\n`,
  );
  node = await openKeptNode(join(dataDir, 'agent'));
  node.logger('app').emit({ severityNumber: 17, body: 'login failed on web-01: password=hunter2', attributes: {} });
  await emitNumbered(node, 0, 2000);
  await node.sample();
  await node.acknowledge('logs', 100);
});
afterAll(async () => {
  await node.close();
  remove();
});

const collect = (...args: string[]) =>
  sextant(['agent', 'collect', '--data-dir', dataDir, '--since', '1h', '--out', out, '--json', ...args]);

async function telemetry(path: string, pattern: string): Promise<Record<string, unknown>[]> {
  const { stdout, code } = await run(['unzip', '-p', join(path, 'data/telemetry.v001.zip'), pattern]);
  expect(code).toBe(0);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

const numbersIn = (rows: Record<string, unknown>[]): number[] =>
  rows
    .filter((row) => /^record \d/.test(String(row.body)))
    .map((row) => Number((row.attributes as Record<string, string>).number))
    .sort((a, b) => a - b);

test('a node alone writes a whole bundle while an agent holds its folder: each kept record once, no secret', async () => {
  const { code, stdout, stderr } = await collect();
  expect(code, stderr).toBe(0);
  const { path, state, coverage } = JSON.parse(stdout);
  expect(state).toBe('complete');
  expect(coverage.notes.join()).toContain('without a collector');

  const rows = await telemetry(path, 'logs/*');
  expect(numbersIn(rows)).toEqual(Array.from({ length: 2000 }, (_, at) => at));
  expect(rows.find((row) => String(row.body).startsWith('login failed'))).toMatchObject({
    severity: 'error',
    body: expect.stringMatching(/^login failed on host-\w{8}: password=\[masked:/),
    attributes: { 'otel.scope.name': 'app' },
  });
  expect(await telemetry(path, 'metrics/*')).toEqual([
    expect.objectContaining({
      name: 'system.memory.usage',
      kind: 'gauge',
      value: 42,
      unit: 'By',
      attributes: { state: 'used' },
    }),
  ]);
  for (const volume of await readdir(join(path, 'data'))) {
    const content = await run(['unzip', '-p', join(path, 'data', volume)]);
    expect(content.stdout).not.toContain('hunter2');
    expect(volume + content.stdout).not.toContain('web-01');
  }
  const report = await readFile(join(path, 'index.html'), 'utf8');
  expect(report).toContain('alerts are a collector’s');
  expect(report).not.toContain('web-01');
});

test('--dry-run tells what the bundle above holds, within a factor of two, and writes nothing', async () => {
  const files = async () => (await readdir(folder, { recursive: true })).sort();
  const before = await files();
  const { code, stdout, stderr } = await collect('--dry-run');
  expect(code, stderr).toBe(0);
  expect(await files()).toEqual(before);
  const estimate = JSON.parse(stdout) as BundleEstimate;
  expect(estimate.nodes).toEqual([{ node: 'web-01', state: 'estimated', reason: null }]);

  const path = join(out, (await readdir(out)).find((name) => name.startsWith('sx-')) ?? '');
  const sources = parseCoverage(await readFile(join(path, 'coverage.json'), 'utf8'))?.sources ?? [];
  expect(estimate.sources.map(({ source }) => source).sort()).toEqual(sources.map(({ source }) => source).sort());
  for (const { source, bytes } of sources) {
    const told = estimate.sources.find((each) => each.source === source)?.bytes ?? 0;
    expect(told / bytes, `${source}: ${told} of ${bytes}`).toBeGreaterThan(0.5);
    expect(told / bytes, `${source}: ${told} of ${bytes}`).toBeLessThan(2);
  }
  const volumes = await readdir(join(path, 'data'));
  const sizes = await Promise.all(volumes.map((name) => stat(join(path, 'data', name))));
  const packed = sizes.reduce((sum, { size }) => sum + size, 0);
  expect(estimate.packedBytes / packed).toBeGreaterThan(0.5);
  expect(estimate.packedBytes / packed).toBeLessThan(2);
});

test('a class of content can be chosen: the others are no gap, and everybody is told what was not asked for', async () => {
  const only = ['--class', 'logs', '--out', join(folder, 'chosen')];
  const { code, stdout, stderr } = await collect(...only);
  expect(code, stderr).toBe(0);
  const { path, state, coverage } = JSON.parse(stdout);
  expect(state).toBe('complete');
  const told = parseCoverage(await readFile(join(path, 'coverage.json'), 'utf8'));
  expect(told?.bundle.classes).toEqual(['logs']);
  expect(told?.sources.map(({ source }) => source)).toEqual(['telemetry/logs', 'telemetry/inventory']);
  expect(numbersIn(await telemetry(path, 'logs/*'))).toHaveLength(2000);
  // Metrics tell it, although there are none in it.
  expect(told?.sources[0]?.gaps?.[0]?.what).toContain('its agent was not there before');
  expect(coverage.notes.join()).toContain('Only these classes of content were asked for: logs.');
  expect(coverage.unanswered.join('\n')).toContain('the class commands was not asked for');
  const estimate = JSON.parse((await collect('--dry-run', ...only)).stdout) as BundleEstimate;
  expect(estimate.sources.map(({ source }) => source)).toEqual(['telemetry/logs', 'telemetry/inventory']);

  const items = await collect('--class', 'commands', '--class', 'files', '--out', join(folder, 'chosen'));
  const { sources } = JSON.parse(await readFile(join(JSON.parse(items.stdout).path, 'coverage.json'), 'utf8'));
  expect(sources.map(({ source }: { source: string }) => source)).toEqual(['system/facts', 'telemetry/inventory']);

  const unknown = await collect('--class', 'events');
  expect(unknown.code).not.toBe(0);
  expect(unknown.stderr).toContain('Classes are files, commands, journal, logs, metrics');
});

test('the node says what a pseudonym in its bundle stands for, and writes down who asked', async () => {
  const name = (await readdir(out)).find((entry) => entry.startsWith('sx-plant-7-')) ?? '';
  const rows = await telemetry(join(out, name), 'logs/*');
  const login = rows.find((row) => String(row.body).startsWith('login failed'));
  const pseudonym = /host-\w{8}/.exec(String(login?.body))?.[0] ?? '';
  const reveal = (text: string) => sextant(['agent', 'reveal', text, '--data-dir', dataDir]);
  expect(await reveal(pseudonym)).toMatchObject({ code: 0, stdout: 'web-01\n' });
  expect(await reveal('host-00000000')).toMatchObject({ code: 1, stderr: expect.stringContaining('SX_NOT_FOUND') });
  const notes = await readFile(join(dataDir, 'agent/collect/reveals.ndjson'), 'utf8');
  expect(
    notes
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { pseudonym, known: true },
    { pseudonym: 'host-00000000', known: false },
  ]);
});

test('standard tools and verify accept it, with the node’s own key', async () => {
  const name = (await readdir(out)).find((entry) => entry.startsWith('sx-plant-7-')) ?? '';
  const path = join(out, name);
  const key = join(dataDir, 'agent/collect/keys/sextant.pub');
  const verified = await sextant(['bundle', 'verify', path, '--key', key]);
  expect(verified.stdout).toContain('Signed with the key that you named');
  const inside = ['env', '-C', path];
  for (const check of [
    ['sha512sum', '-c', '--strict', '--quiet', 'manifest-sha512.txt', 'tagmanifest-sha512.txt'],
    ['minisign', '-Vm', 'tagmanifest-sha512.txt', '-p', key],
    ['unzip', '-tq', 'data/telemetry.v001.zip'],
  ]) {
    expect(await run([...inside, ...check]), check[0]).toMatchObject({ code: 0 });
  }
});

test('a source that hangs costs its own part: exit code 3, and the first page says which', async () => {
  await writeFile(
    join(folder, 'test.yaml'),
    profile('      - name: stuck\n        command: [sleep, "600"]\n        timeout: 500ms\n'),
  );
  const { code, stdout } = await collect('--since', '10m');
  expect(code).toBe(3);
  const { path, coverage } = JSON.parse(stdout);
  expect(coverage.gaps).toEqual([
    { node: 'web-01', source: 'system/stuck', state: 'timeout', reason: 'took longer than its time limit' },
  ]);
  const report = await readFile(join(path, 'index.html'), 'utf8');
  expect(report.indexOf('What is missing')).toBeLessThan(report.indexOf('<h2>Coverage'));
  expect(report.slice(report.indexOf('What is missing'))).toMatch(/system\/stuck.*timeout/);
  await writeFile(join(folder, 'test.yaml'), profile(''));
});

test('a fault of the node’s own profile costs what it is about: the rest is collected, and everybody is told', async () => {
  const site = join(dataDir, 'profile.yaml');
  await writeFile(site, 'files: { follow: [/opt/app.log] }\njournal: { enabled: perhaps }\n');
  const faulty = await collect('--since', '10m', '--role', 'system');
  expect(faulty.code, faulty.stderr).toBe(3);
  expect(faulty.stderr).toContain(`${site}:2: journal.enabled`);
  expect(faulty.stderr).toContain('what is without fault holds, without journal, which collect nothing');
  const { path, coverage } = JSON.parse(faulty.stdout);
  expect(coverage.gaps).toEqual([
    {
      node: 'web-01',
      source: 'profile',
      state: 'partial',
      reason: expect.stringContaining(`${site}:2: journal.enabled`),
    },
  ]);
  expect((await telemetry(path, 'logs/*')).length).toBeGreaterThan(2000);
  const sources = parseCoverage(await readFile(join(path, 'coverage.json'), 'utf8'))?.sources ?? [];
  expect(sources.find(({ source }) => source === 'system/facts')?.state).toBe('ok');

  // Nobody can tell what this was to say: no role is known to be missing, none is collected.
  await writeFile(site, 'bundle: [\n');
  const vague = await collect('--since', '10m', '--role', 'system');
  expect(vague.code, vague.stderr).toBe(3);
  const kept = JSON.parse(vague.stdout);
  expect(kept.coverage.gaps).toMatchObject([
    { source: 'profile', reason: expect.stringMatching(/^nothing is collected/) },
  ]);
  expect((await telemetry(kept.path, 'logs/*')).length).toBeGreaterThan(2000);

  const dry = await collect('--since', '10m', '--dry-run');
  expect(dry.code, dry.stderr).toBe(0);
  expect(dry.stderr).toContain(`${site}:`);
  expect((JSON.parse(dry.stdout) as BundleEstimate).sources).toContainEqual(
    expect.objectContaining({ source: 'profile', state: 'partial' }),
  );

  // What an agent has kept holds as it was.
  const { local = '' } = answerProfile({ names: [join(folder, 'test.yaml')], dataDir: folder });
  await mkdir(dirname(keptFile(dataDir)), { recursive: true });
  await writeFile(keptFile(dataDir), local);
  const asItWas = JSON.parse((await collect('--since', '10m')).stdout);
  expect(asItWas.coverage.sources.ok).toBeGreaterThan(1);
  expect(asItWas.coverage.gaps).toMatchObject([
    { source: 'profile', reason: expect.stringMatching(/^the profile as it was last read without fault holds/) },
  ]);
  await rm(keptFile(dataDir));
  await rm(site);
});

test('what an earlier run was killed over is removed, and nothing else in that folder', async () => {
  const left = join(out, 'sx-plant-7-20260101T000000Z-0123456789abcdef.partial');
  await mkdir(join(left, 'data'), { recursive: true });
  await mkdir(join(out, 'my-download.partial'));
  await writeFile(join(dataDir, 'agent/collect/unfinished.json'), JSON.stringify({ stagingFolder: left }));
  const { stdout, stderr } = await sextant([
    'agent',
    'collect',
    '--data-dir',
    dataDir,
    '--out',
    out,
    '--role',
    'system',
  ]);
  expect(stderr).toContain(`Removed what an interrupted run had left: ${left}`);
  expect(stdout).toContain('Note: Written by the node itself');
  const names = await readdir(out);
  expect(names.filter((name) => name.endsWith('.partial'))).toEqual(['my-download.partial']);
});

test('with recipients everything is encrypted, and a recipient reads it', async () => {
  const [mine, theirs] = [generateIdentity(), generateIdentity()];
  await writeFile(join(folder, 'me.key'), formatIdentityFile(mine, Date.now()));
  const config = await readFile(join(dataDir, 'sextant.yaml'), 'utf8');
  const recipients = [mine, theirs].map((identity) => identity.recipient.text).join(', ');
  await writeFile(join(folder, 'sealed.yaml'), `${config}collector:\n  bundles:\n    recipients: [${recipients}]\n`);
  const { stdout, stderr } = await collect('--config', join(folder, 'sealed.yaml'));
  const { path } = JSON.parse(stdout || stderr);
  expect((await readdir(join(path, 'data'))).every((name) => name.endsWith('.zip.age'))).toBe(true);
  expect(parseCoverage(await readFile(join(path, 'coverage.json'), 'utf8'))?.bundle.recipients).toBe(2);
  const verified = await sextant(['bundle', 'verify', path, '--identity', join(folder, 'me.key')]);
  expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('every CRC fits') });
});
