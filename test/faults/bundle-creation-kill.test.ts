import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { generateIdentity } from '../../bundle/age/key.ts';
import { verifyBundle } from '../../bundle/verify.ts';
import { count, long } from '../long.ts';

const maker = fileURLToPath(new URL('bundle-maker.ts', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'sextant-create-kill-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

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
  const child = spawn(process.execPath, [maker, dataDir, until], {
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

/** What a kill met, by what it left. */
type Stage = 'nothing written' | 'volumes' | 'encryption' | 'sealing' | 'sealed';

async function stageOf(bundles: string, known: ReadonlySet<string>): Promise<Stage> {
  const names = await readdir(bundles).catch(() => []);
  const partial = names.find((name) => name.endsWith('.partial'));
  if (partial === undefined) return names.some((name) => !known.has(name)) ? 'sealed' : 'nothing written';
  const files = await readdir(join(bundles, partial), { recursive: true });
  if (files.includes('bagit.txt')) return 'sealing';
  return files.some((name) => name.endsWith('.age')) ? 'encryption' : 'volumes';
}

/**
 * Every folder whose name says that it is whole verifies and holds ciphertext alone. Those known from before are taken away:
 * a start has seen them by then.
 */
async function checkWhole(bundles: string, known: Set<string>): Promise<void> {
  const whole = (await readdir(bundles).catch(() => [])).filter((name) => !name.endsWith('.partial'));
  for (const name of whole) {
    const { ok, parts } = await verifyBundle(join(bundles, name));
    const broken = parts.filter((part) => !part.ok);
    expect({ name, ok, broken }).toEqual({ name, ok: true, broken: [] });
    const clear = (await readdir(join(bundles, name, 'data'))).filter((file) => !file.endsWith('.age'));
    expect(clear).toEqual([]);
    if (known.has(name)) await rm(join(bundles, name), { recursive: true });
    known.add(name);
  }
}

const seconds = (ms: number): number => Math.round(ms / 100) / 10;

/** Kills the maker at random moments of a bundle, every second time soon after the first ciphertext is there. */
async function killOver(times: number, name: string): Promise<Record<Stage, number>> {
  const dataDir = join(folder, name);
  const bundles = join(dataDir, 'bundles');
  const recipients = [generateIdentity(), generateIdentity()].map(({ recipient }) => recipient.text);
  await mkdir(join(dataDir, 'collector'), { recursive: true });
  await writeFile(
    join(dataDir, 'sextant.yaml'),
    `collector: { bundles: { recipients: [${recipients.join(', ')}] } }\n`,
  );
  const stages: Record<Stage, number> = { 'nothing written': 0, volumes: 0, encryption: 0, sealing: 0, sealed: 0 };
  const whole = new Set<string>();
  const checkJobs = ({ jobs }: Report): void => {
    for (const job of jobs) {
      if (job.state === 'complete' || job.state === 'partial') expect(whole).toContain(job.name);
      if (job.state === 'failed') expect(job.error).toBe('the collector stopped while this bundle was made');
    }
  };
  const startedMs = performance.now();
  let bundleMs = 0;
  let ciphertextMs = 50;
  let maker = loadMaker(dataDir);
  for (let time = 0; time <= times; time++) {
    const report = await maker.begin();
    checkJobs(report);
    const beganMs = performance.now();
    const following = loadMaker(dataDir, time === times ? 'finish' : '');
    if (time === 0) {
      await maker.next();
      bundleMs = performance.now() - beganMs;
    } else if (time % 2 === 0) await pause(bundleMs * 1.2 * Math.random());
    else {
      // Encrypting and signing are short beside the rest: they would hardly ever be met by chance.
      const isEncrypting = async (): Promise<boolean> => {
        const partial = (await readdir(bundles).catch(() => [])).find((file) => file.endsWith('.partial'));
        return partial !== undefined && existsSync(join(bundles, partial, 'data', 'telemetry.v001.zip.age'));
      };
      while (performance.now() - beganMs < bundleMs * 3 && !(await isEncrypting())) await pause(1);
      await pause(ciphertextMs * Math.random());
    }
    await maker.kill();
    const stage = await stageOf(bundles, whole);
    stages[stage]++;
    // As long as half of these kills come too late, they come earlier, and the other way round.
    if (time % 2 === 1) ciphertextMs = Math.min(500, Math.max(5, ciphertextMs * (stage === 'sealed' ? 0.9 : 1.1)));
    await checkWhole(bundles, whole);
    if (time > 0 && time % 25 === 0) {
      console.info(`${name}: ${time} kills in ${seconds(performance.now() - startedMs)} s`, JSON.stringify(stages));
    }
    maker = following;
  }
  // The next start cleans up and makes what was begun; then nothing is there but sound bundles.
  checkJobs(await maker.begin());
  await maker.next();
  await once(maker.child, 'close');
  expect((await readdir(bundles)).filter((file) => file.endsWith('.partial'))).toEqual([]);
  await checkWhole(bundles, whole);
  return stages;
}

test(
  'a collector that is killed while it makes bundles leaves only sound ones under a whole name, and the next start clears the rest',
  async () => {
    const lanes = long ? availableParallelism() : 1;
    const each = Math.ceil(count(3, 1000) / lanes);
    const stages = await Promise.all(Array.from({ length: lanes }, (_, lane) => killOver(each, `lane${lane}`)));
    console.info(`killed ${lanes * each} times:`, JSON.stringify(stages));
    if (!long) return;
    for (const of of stages) {
      expect(of.volumes).toBeGreaterThan(0);
      expect(of.encryption).toBeGreaterThan(0);
      expect(of.sealing).toBeGreaterThan(0);
    }
  },
  long ? 4 * 3_600_000 : 120_000,
);
