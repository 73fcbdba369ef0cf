import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pruneBundles } from '../../../../agent/collect/own-bundles.ts';
import { createSelfCollect, type SelfCollect } from '../../../../agent/collect/self-collect.ts';
import { createFileQuestions } from '../../../../agent/filesystems/file-questions.ts';
import type { LocalFault } from '../../../../agent/profile/fallback/fall-back.ts';
import { parseCoverage } from '../../../../bundle/coverage.ts';
import { verifyBundle } from '../../../../bundle/verify.ts';
import { loadSettings } from '../../../../config/load.ts';
import { emptyProfile } from '../sources/source-context.ts';

const hourMs = 3_600_000;
const halfThePauseMs = 5 * 60_000;
const patient = { timeout: 30_000, interval: 50 };
let dataDir: string;
let nowMs: number;
let watch: SelfCollect | undefined;
let fault: LocalFault | undefined;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sextant-self-'));
  nowMs = Date.now() - 100 * hourMs;
  fault = undefined;
});
afterEach(async () => {
  await watch?.close();
  await rm(dataDir, { recursive: true, force: true });
});

const profile = {
  ...emptyProfile,
  bundle: { r: { description: '', items: [{ name: 'echo', command: ['echo', 'hi'] }] } },
};

async function start(overrides: Parameters<typeof loadSettings>[0]['overrides']): Promise<void> {
  await watch?.close();
  watch = createSelfCollect(
    {
      questions: createFileQuestions({ most: 4 }),
      ...{ dataDir, profile: () => profile, log: pino({ level: 'silent' }), nowMs: () => nowMs },
      profileFault: () => fault,
      settings: loadSettings({ dataDir, overrides: { 'agent.spool.minFreeBytes': 0, ...overrides } }),
    },
    { lookEveryMs: 10 },
  );
  await watch.start();
}
const folder = (): string => join(dataDir, 'agent/collect/bundles');
const bundles = async (): Promise<string[]> => (await readdir(folder()).catch(() => [])).sort();
const finished = (count: number) =>
  vi.waitFor(async () => {
    const names = await bundles();
    expect(names).toHaveLength(count);
    expect(names.some((name) => name.endsWith('.partial'))).toBe(false);
  }, patient);
/** Long enough for a look to have happened, were one due. */
const looked = () => new Promise((resolve) => setTimeout(resolve, 60));

test('a silence of the collector makes one bundle, also when the agent starts in the middle of it', async () => {
  const settings = { 'agent.collect.afterSilence': 12 * hourMs };
  await start(settings);
  watch?.heard();
  nowMs += 11 * hourMs;
  await looked();
  expect(await bundles()).toEqual([]);
  const heardMs = nowMs - 11 * hourMs;
  // A restart does not begin the silence anew.
  await start(settings);
  nowMs += 2 * hourMs;
  await finished(1);
  const [name = ''] = await bundles();
  expect(await verifyBundle(join(folder(), name))).toMatchObject({ ok: true });
  const coverage = parseCoverage(await readFile(join(folder(), name, 'coverage.json'), 'utf8'));
  expect(Date.parse(coverage?.bundle.from ?? '')).toBe(heardMs - 4 * hourMs);

  nowMs += 20 * hourMs;
  await looked();
  await start(settings);
  await looked();
  expect(await bundles()).toEqual([name]);

  watch?.heard();
  nowMs += 13 * hourMs;
  await finished(2);
});

test('a schedule makes up for a downtime once, and a killed run is cleaned up at the start', async () => {
  await start({ 'agent.collect.every': 6 * hourMs, 'agent.collect.afterSilence': 0 });
  await watch?.close();
  const left = join(folder(), 'sx-site-20260101T000000Z-0123456789abcdef.partial');
  await mkdir(left, { recursive: true });
  await writeFile(join(dataDir, 'agent/collect/unfinished.json'), JSON.stringify({ stagingFolder: left }));
  nowMs += 30 * hourMs;
  await start({ 'agent.collect.every': 6 * hourMs, 'agent.collect.afterSilence': 0 });
  await finished(1);
  await looked();
  await finished(1);
});

test('a silence that cannot be written about is given up after three tries', async () => {
  await writeFile(join(dataDir, 'sextant.yaml'), '');
  await mkdir(join(dataDir, 'agent/collect'), { recursive: true });
  await writeFile(folder(), 'not a folder');
  await start({ 'agent.collect.afterSilence': hourMs });
  nowMs += 2 * hourMs;
  const memory = async () => JSON.parse(await readFile(join(dataDir, 'agent/collect/memory.json'), 'utf8'));
  for (let tries = 1; tries <= 3; tries++) {
    await vi.waitFor(async () => {
      // The pause after a failure counts from whenever that was. Two steps make one, so that no try goes by between two looks.
      nowMs += halfThePauseMs;
      expect((await memory()).tries).toBe(tries);
    }, patient);
  }
  await vi.waitFor(async () => {
    nowMs += halfThePauseMs;
    expect((await memory()).doneForUnixMs).toBe((await memory()).heardUnixMs);
  }, patient);
});

test('the newest bundles are kept, within their count and their bytes', async () => {
  const name = (day: number): string => `sx-site-2026010${day}T000000Z-0123456789abcdef`;
  for (let day = 1; day <= 5; day++) {
    await mkdir(join(folder(), name(day), 'data'), { recursive: true });
    await writeFile(join(folder(), name(day), 'data/a.v001.zip'), Buffer.alloc(1000));
    await utimes(join(folder(), name(day)), day, day);
  }
  await mkdir(join(folder(), 'mine'));
  expect((await pruneBundles(folder(), { keep: 4, maxBytes: 1e9 })).sort()).toEqual([name(1)]);
  expect((await pruneBundles(folder(), { keep: 4, maxBytes: 2500 })).sort()).toEqual([name(2), name(3)]);
  expect(await pruneBundles(folder(), { keep: 1, maxBytes: 10 })).toEqual([name(4)]);
  expect(await bundles()).toEqual(['mine', name(5)]);
});

test('a bundle says that the node’s own profile had a fault, and what held instead', async () => {
  fault = {
    text: '/data/profile.yaml:3: files: must be object',
    instead: 'what is without fault holds',
    off: ['files'],
  };
  await start({ 'agent.collect.every': hourMs });
  nowMs += 2 * hourMs;
  await finished(1);
  const [name = ''] = await bundles();
  const coverage = parseCoverage(await readFile(join(folder(), name, 'coverage.json'), 'utf8'));
  expect(coverage?.bundle.state).toBe('partial');
  expect(coverage?.sources.find(({ source }) => source === 'profile')).toMatchObject({
    state: 'partial',
    reason: 'what is without fault holds. /data/profile.yaml:3: files: must be object',
  });
});
