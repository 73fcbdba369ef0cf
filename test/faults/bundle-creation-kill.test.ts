import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateIdentity } from '../../bundle/age/key.ts';
import { count, long } from '../long.ts';
import { createMoments, type Moments } from './bundle-moments.ts';
import { bundleInPlace } from './bundled-in-place.ts';
import { checkWhole, clearVolumes, markLeftovers, noStages, type Stage, stageOf } from './whole-bundles.ts';

const folder = await mkdtemp(join(tmpdir(), 'sextant-create-kill-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

let program = '';
beforeAll(async () => {
  program = await bundleInPlace('test/faults/bundle-maker.ts', join(folder, 'program'));
});

interface Report {
  what: 'ready' | 'made';
  jobs: { name: string; state: string; error: string | null }[];
}
/** A process that is loaded and waits for its word. */
interface Maker {
  child: ChildProcess;
  /** Starts the jobs; resolves when leftovers are cleaned. */
  begin(): Promise<Report>;
  next(): Promise<Report>;
  kill(): Promise<void>;
}

function loadMaker(dataDir: string, until = ''): Maker {
  const child = spawn(process.execPath, [program, dataDir, until], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Starting is most of what a kill costs.
    env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') },
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const closed = once(child, 'close');
  const next = async (): Promise<Report> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the process ended without a word');
    return JSON.parse(value);
  };
  return {
    child,
    next,
    begin: () => {
      child.stdin?.write('go\n');
      return next();
    },
    kill: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

const seconds = (ms: number): number => Math.round(ms / 100) / 10;

interface Sum {
  stages: Record<Stage, number>;
  verified: number;
  leftovers: number;
}

/** Kills the maker at all moments of a bundle, over and over. */
async function killOver(times: number, name: string): Promise<Sum> {
  const dataDir = join(folder, name);
  const bundles = join(dataDir, 'bundles');
  const recipients = [generateIdentity(), generateIdentity()].map(({ recipient }) => recipient.text);
  await mkdir(join(dataDir, 'collector'), { recursive: true });
  await writeFile(
    join(dataDir, 'sextant.yaml'),
    `collector: { bundles: { recipients: [${recipients.join(', ')}] } }\n`,
  );
  const sum: Sum = { stages: noStages(), verified: 0, leftovers: 0 };
  const whole = new Set<string>();
  const checkJobs = ({ jobs }: Report): void => {
    for (const job of jobs) {
      if (job.state === 'complete' || job.state === 'partial') expect(whole).toContain(job.name);
      if (job.state === 'failed') expect(job.error).toBe('the collector stopped while this bundle was made');
    }
  };
  const startedMs = performance.now();
  let moments: Moments | undefined;
  let leftovers: string[] = [];
  let maker = loadMaker(dataDir);
  for (let time = 0; time <= times; time++) {
    checkJobs(await maker.begin());
    expect(leftovers.filter((file) => existsSync(file))).toEqual([]);
    const beganMs = performance.now();
    const following = loadMaker(dataDir, time === times ? 'finish' : '');
    if (moments) await moments.next();
    else {
      await maker.next();
      moments = createMoments(bundles, performance.now() - beganMs);
    }
    await maker.kill();
    const stage = await stageOf(bundles, whole);
    sum.stages[stage]++;
    if (time > 0) moments.met(stage);
    sum.verified += await checkWhole(bundles, whole);
    leftovers = await markLeftovers(bundles);
    sum.leftovers += leftovers.length;
    if (time > 0 && time % 50 === 0) {
      console.info(`${name}: ${time} kills in ${seconds(performance.now() - startedMs)} s`, JSON.stringify(sum));
    }
    maker = following;
  }
  // The next start cleans up and makes what was begun; then nothing is there but sound bundles, and nothing in the clear.
  checkJobs(await maker.begin());
  const { jobs } = await maker.next();
  await once(maker.child, 'close');
  expect(jobs.filter(({ state }) => ['waiting', 'gathering', 'writing'].includes(state))).toEqual([]);
  expect((await readdir(bundles)).filter((file) => file.endsWith('.partial'))).toEqual([]);
  expect(await clearVolumes(dataDir)).toEqual([]);
  sum.verified += await checkWhole(bundles, whole);
  return sum;
}

test(
  'bundle jobs that are killed leave only sound bundles under a whole name, and the next start clears the rest',
  async () => {
    const startedMs = performance.now();
    // More than there are cores: a part of each round is waiting for the disk.
    const lanes = long ? 5 : 1;
    const each = count(3, 192);
    const sums = await Promise.all(Array.from({ length: lanes }, (_, lane) => killOver(each, `lane${lane}`)));
    const all = noStages();
    for (const { stages } of sums) for (const stage of Object.keys(all) as Stage[]) all[stage] += stages[stage];
    const verified = sums.reduce((total, sum) => total + sum.verified, 0);
    const cleared = sums.reduce((total, sum) => total + sum.leftovers, 0);
    console.info(
      `${lanes * each} kills in ${seconds(performance.now() - startedMs)} s: ${verified} looks at whole bundles, each sound;`,
      `${cleared} leftovers, each cleared by the next start;`,
      JSON.stringify(all),
    );
    if (!long) return;
    for (const stage of ['volumes', 'encryption', 'sealing', 'sealed'] as const) {
      expect(all[stage], stage).toBeGreaterThanOrEqual(20);
    }
  },
  long ? 3_600_000 : 120_000,
);
