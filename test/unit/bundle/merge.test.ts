import { execFile } from 'node:child_process';
import { appendFile, cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeNodeBundle } from '../../../agent/collect/node-bundle.ts';
import { createFileQuestions } from '../../../agent/filesystems/file-questions.ts';
import { generateIdentity } from '../../../bundle/age/key.ts';
import type { CapClass } from '../../../bundle/caps.ts';
import { mergeBundles, openMergeParts } from '../../../bundle/merge.ts';
import { loadSigningKey } from '../../../bundle/minisign-key.ts';
import { verifyBundle } from '../../../bundle/verify.ts';
import { verifyParts } from '../../../bundle/verify-parts.ts';
import { loadSettings } from '../../../config/load.ts';
import { emptyProfile } from '../agent/sources/source-context.ts';

const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), 'sextant-merge-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const recipients = [generateIdentity(), generateIdentity()].map(({ recipient }) => recipient.text);

async function nodeBundle(
  name: string,
  { broken = false, sealed = false, classes = [] as CapClass[] } = {},
): Promise<string> {
  const dataDir = join(folder, name);
  const items = [{ name: 'echo', command: broken ? ['false'] : ['echo', `hello of ${name}`] }];
  const nowMs = Date.now();
  const { path } = await writeNodeBundle({
    questions: createFileQuestions({ most: 4 }),
    ...{ dataDir, out: join(folder, 'parts'), nowMs: Date.now, fromUnixMs: nowMs - 60_000, untilUnixMs: nowMs },
    settings: loadSettings({
      dataDir,
      overrides: {
        'agent.node': name,
        'site.name': 'Plant 7',
        ...(sealed && { 'collector.bundles.recipients': recipients }),
      },
    }),
    profile: { ...emptyProfile, bundle: { r: { description: '', items } } },
    ...{ roles: [], classes, redaction: 'standard', signal: new AbortController().signal, onProgress: () => undefined },
    inventory: async () => ({ collectedUnixMs: nowMs, facts: { system: { model: name } } }),
  });
  return path;
}

const key = loadSigningKey(join(folder, 'keys'));
const merge = async (folders: string[]) =>
  mergeBundles(await openMergeParts(folders), {
    out: join(folder, 'out'),
    key,
    nowMs: Date.now,
    onStaging: () => undefined,
  });
let parts: string[];
let merged: Awaited<ReturnType<typeof merge>>;
beforeAll(async () => {
  parts = [await nodeBundle('alpha-1'), await nodeBundle('beta-2', { broken: true }), await nodeBundle('gamma-3')];
  merged = await merge(parts);
});

test('three node bundles become one: a common coverage, telemetry as one, and every part’s signature verified', async () => {
  const { path, coverage } = merged;
  expect(coverage.nodes).toHaveLength(3);
  expect(coverage.bundle).toMatchObject({ state: 'partial', site: 'Plant 7' });
  expect(coverage.sources.filter(({ source }) => source === 'r/echo').map(({ state }) => state)).toEqual([
    'ok',
    'failed',
    'ok',
  ]);
  expect(coverage.notes?.[0]).toContain('Merged from 3 bundles');
  const data = await readdir(join(path, 'data'));
  expect(data.filter((name) => name.startsWith('telemetry'))).toEqual([
    'telemetry.v001.zip',
    'telemetry.v002.zip',
    'telemetry.v003.zip',
  ]);
  for (const node of coverage.nodes) for (const volume of node.volumes) expect(data).toContain(volume.name);

  const report = await verifyBundle(path, { keys: [key.publicKey] });
  expect(report.parts.filter(({ ok }) => !ok)).toEqual([]);
  expect(report.parts.filter(({ detail }) => detail.startsWith('part signed with key'))).toHaveLength(3);
  expect(await readFile(join(path, 'index.html'), 'utf8')).toContain('data/parts/NAME/');
});

test('standard tools check the whole, and each part’s signature where it lies', async () => {
  await run('sha512sum', ['-c', '--strict', '--quiet', 'manifest-sha512.txt', 'tagmanifest-sha512.txt'], {
    cwd: merged.path,
  });
  await run('minisign', ['-V', '-m', 'tagmanifest-sha512.txt', '-P', key.publicKey.line], { cwd: merged.path });
  const place = join(merged.path, 'data/parts', (await readdir(join(merged.path, 'data/parts')))[0] ?? '');
  const line = /Sextant-Signing-Key: (\S+)/.exec(await readFile(join(place, 'bag-info.txt'), 'utf8'))?.[1] ?? '';
  await run('minisign', ['-V', '-m', 'tagmanifest-sha512.txt', '-P', line], { cwd: place });
  await run('sha512sum', ['-c', '--strict', '--quiet', 'tagmanifest-sha512.txt'], { cwd: place });
});

test('a part that lost a volume, or whose descriptions were changed, is named although the whole was sealed again', async () => {
  const payload = new Map(
    (await readFile(join(merged.path, 'manifest-sha512.txt'), 'utf8'))
      .trim()
      .split('\n')
      .map((line): [string, string] => [line.slice(130), line.slice(0, 128)]),
  );
  const faults: string[] = [];
  const look = async (path: string, map: Map<string, string>) => {
    faults.length = 0;
    await verifyParts(path, map, undefined, (part, ok, detail) => void (ok || faults.push(`${part}: ${detail}`)));
  };
  await look(merged.path, payload);
  expect(faults).toEqual([]);
  await look(merged.path, new Map([...payload].filter(([path]) => path !== 'data/telemetry.v002.zip')));
  expect(faults).toEqual([expect.stringContaining('changed or missing: data/telemetry.v001.zip')]);

  const copy = join(folder, 'copy');
  await cp(merged.path, copy, { recursive: true });
  const [name = ''] = await readdir(join(copy, 'data/parts'));
  await appendFile(join(copy, 'data/parts', name, 'coverage.json'), ' ');
  await look(copy, payload);
  expect(faults).toEqual([expect.stringContaining('changed or missing: coverage.json')]);
  await appendFile(join(copy, 'data/parts', name, 'tagmanifest-sha512.txt'), '\n');
  await look(copy, payload);
  expect(faults).toEqual([expect.stringContaining('its signature does not fit')]);
});

test('a merged bundle is merged again, one of the same node beside it; each volume keeps a name of its own', async () => {
  const again = await nodeBundle('alpha-1');
  const { path, coverage } = await merge([merged.path, again]);
  expect(coverage.nodes).toHaveLength(4);
  const { ok, parts: checked } = await verifyBundle(path, { keys: [key.publicKey] });
  expect(checked.filter((part) => !part.ok)).toEqual([]);
  expect(ok).toBe(true);
  const data = await readdir(join(path, 'data'));
  expect(data.filter((name) => name.startsWith('telemetry-2'))).toEqual(['telemetry-2.v001.zip']);
  expect(await readdir(join(path, 'data/parts'))).toHaveLength(5);
});

test('encrypted parts are merged without a key to them, beside others', async () => {
  const sealed = [await nodeBundle('delta-4', { sealed: true }), await nodeBundle('epsilon-5', { sealed: true })];
  const all = await merge(sealed);
  expect(all.coverage.bundle.recipients).toBe(2);
  expect((await verifyBundle(all.path, { keys: [key.publicKey] })).ok).toBe(true);
  const mixed = await merge([...sealed.slice(0, 1), ...parts.slice(0, 1)]);
  expect(mixed.coverage.bundle.recipients).toBe(0);
  expect(mixed.coverage.notes?.join()).toContain('encrypted to 2 recipients');
  const text = (name: string) => readFile(join(mixed.path, name), 'utf8');
  for (const name of ['README.txt', 'index.html'])
    expect(await text(name)).not.toContain('The volumes are not encrypted');
  expect(await text('README.txt')).toContain('age -d -i KEYFILE');
  expect(await text('index.html')).toContain('Volumes whose names end in .age are encrypted, the others are not.');
  expect((await verifyBundle(mixed.path, { keys: [key.publicKey] })).ok).toBe(true);
});

test('a part that is not sound, or comes twice, is refused, and nothing is left', async () => {
  const bad = join(folder, 'bad');
  await cp(parts[0] ?? '', bad, { recursive: true });
  await appendFile(join(bad, 'data/telemetry.v001.zip'), 'x');
  const before = await readdir(join(folder, 'out'));
  await expect(merge([bad, parts[1] ?? ''])).rejects.toMatchObject({
    code: 'SX_BUNDLE_INVALID',
    message: expect.stringContaining('data/telemetry.v001.zip'),
  });
  await expect(merge([parts[0] ?? '', parts[0] ?? ''])).rejects.toMatchObject({ code: 'SX_BAD_REQUEST' });
  expect(await readdir(join(folder, 'out'))).toEqual(before);
});

test('what one part was asked for the whole has; what another was not stands beside its name', async () => {
  const some = [
    await nodeBundle('delta-4', { classes: ['logs'] }),
    await nodeBundle('epsilon-5', { classes: ['commands', 'logs'] }),
  ];
  const { coverage } = await merge(some);
  expect(coverage.bundle.classes).toEqual(['commands', 'logs']);
  const told = coverage.notes?.filter((note) => note.includes('classes of content')) ?? [];
  expect(told).toHaveLength(2);
  expect(told[0]).toMatch(/^Part sx-.*Only these classes of content were asked for: logs\./);
  expect(told[1]).toMatch(/^Part sx-.*Only these classes of content were asked for: commands, logs\./);
  expect(coverage.unanswered?.filter((question) => question.includes('was not asked for'))).toHaveLength(3);
  const { coverage: whole } = await merge([some[0] ?? '', parts[0] ?? '']);
  expect(whole.bundle).not.toHaveProperty('classes');
  expect(
    whole.notes?.filter((note) => note.includes('classes of content: logs') || note.includes('for: logs.')),
  ).toHaveLength(1);
});
