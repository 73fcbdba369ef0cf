import { existsSync } from 'node:fs';
import { appendFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { enroll } from '../../agent/identity/enroll.ts';
import { generateIdentity } from '../../bundle/age/key.ts';
import type { BundleJob } from '../../collector/api/shapes/bundles.ts';
import { enrollTestNode } from '../e2e/dashboard-node.ts';
import { type DashboardSite, startDashboardSite } from '../e2e/dashboard-site.ts';
import { askLines } from '../e2e/site-api.ts';
import { count, long } from '../long.ts';
import { patient, runAgent, testFolder } from './agent-process.ts';
import { createMoments, type Moments } from './bundle-moments.ts';
import { checkWhole, clearVolumes, markLeftovers, noStages, stageOf } from './whole-bundles.ts';

const lines = 200;
const kills = count(2, 40);

const withPassword = (at: number): string => `line ${at} password=hunter${at}`;

/** A collector whose bundles are encrypted, and `node-1`, whose lines it has stored: an agent, or what one had sent. */
async function startSite(): Promise<DashboardSite> {
  const folder = testFolder();
  const recipients = [generateIdentity(), generateIdentity()].map(({ recipient }) => recipient.text);
  // An agent that is gone is waited for so long.
  const nodeDeadline = long ? '60s' : '1s';
  const site = await startDashboardSite(
    join(folder, 'site'),
    `collector: { bundles: { recipients: [${recipients.join(', ')}], nodeDeadline: ${nodeDeadline} } }\n`,
  );
  onTestFinished(site.kill);
  if (long) await startNode(site, folder);
  else {
    const node = await enrollTestNode(site, 'node-1');
    const at = Date.now();
    const written = Array.from({ length: lines }, (_, number) => withPassword(number));
    await node.logs(
      'app',
      written.map((body) => ({ unixMs: at, severity: 'INFO', body })),
    );
  }
  await vi.waitFor(async () => {
    const query = { node: 'node-1', q: 'password', limit: 1000, since: '1h' };
    expect((await askLines(site.dataDir, 'logs', query)).length).toBeGreaterThanOrEqual(lines);
  }, patient);
  return site;
}

/** An agent that follows a file and has a command to run for a bundle. */
async function startNode(site: DashboardSite, folder: string): Promise<void> {
  const dataDir = join(folder, 'node');
  const log = join(folder, 'app.log');
  await mkdir(dataDir);
  await writeFile(log, '');
  const items = '      - { name: numbers, command: [seq, "20000"] }\n';
  await writeFile(
    join(dataDir, 'profile.yaml'),
    `journal: { enabled: false }\nhardware: { enabled: false }\nfiles: { follow: [] }\nbundle:\n  system:\n    description: Facts\n    items:\n${items}`,
  );
  await writeFile(join(dataDir, 'sextant.yaml'), 'agent: { uplink: { maxBackoff: 1s } }\n');
  const { token } = await site.api<{ token: string }>('POST', 'tokens', { kind: 'enroll' });
  await enroll({ dataDir, collectorUrl: site.url, token, node: 'node-1' });
  runAgent(dataDir, { follow: log });
  await appendFile(log, Array.from({ length: lines }, (_, at) => `${withPassword(at)}\n`).join(''));
}

const isFinished = ({ finishedAt }: BundleJob): boolean => finishedAt !== null;

// Half a minute of processor time for two kills; `bundle-creation-kill` has its own everyday form.
test.runIf(long)(
  `a collector that is killed ${kills} times while it makes bundles says of each job what became of it`,
  async () => {
    const site = await startSite();
    const bundles = join(site.dataDir, 'collector', 'bundles');
    const until = new Date().toISOString();
    const from = new Date(Date.now() - 3_600_000).toISOString();
    const jobs = (): Promise<BundleJob[]> => site.api<BundleJob[]>('GET', 'bundles');
    const create = () => site.api<BundleJob>('POST', 'bundles', { from, until });
    const finished = (): Promise<BundleJob[]> =>
      vi.waitFor(async () => {
        const all = await jobs();
        expect(all.filter((job) => !isFinished(job))).toEqual([]);
        return all;
      }, patient);

    const whole = new Set<string>();
    const met = noStages();
    const told: Record<string, number> = {};
    const startedMs = performance.now();
    await create();
    const [first] = await finished();
    expect(first).toMatchObject({ state: long ? 'complete' : 'partial', nodes: ['node-1'] });
    const moments: Moments = createMoments(bundles, performance.now() - startedMs);
    await checkWhole(bundles, whole);
    for (let kill = 0; kill < kills; kill++) {
      if ((await jobs()).every(isFinished)) await create();
      await moments.next();
      await site.kill();
      const stage = await stageOf(bundles, whole);
      met[stage]++;
      moments.met(stage);
      await checkWhole(bundles, whole);
      const leftovers = await markLeftovers(bundles);

      await site.restart();
      expect(leftovers.filter((file) => existsSync(file))).toEqual([]);
      const [job, ...before] = await jobs();
      // What was sealed is told as complete, what was broken off goes on, at the third time it has failed.
      told[job?.state ?? 'unknown'] = (told[job?.state ?? 'unknown'] ?? 0) + 1;
      expect(before.filter((other) => !isFinished(other))).toEqual([]);
      for (const { state, name, error, path } of [job ?? expect.fail('the job is forgotten'), ...before]) {
        if (state === 'complete' || state === 'partial') expect(whole).toContain(name);
        else if (state === 'failed') {
          expect({ error, path }).toEqual({ error: 'the collector stopped while this bundle was made', path: null });
        } else expect(['waiting', 'gathering', 'writing']).toContain(state);
      }
    }
    const end = await finished();
    await checkWhole(bundles, whole);
    for (const { state, name } of end) if (state === 'complete' || state === 'partial') expect(whole).toContain(name);
    expect((await readdir(bundles)).filter((name) => name.endsWith('.partial'))).toEqual([]);
    expect(await clearVolumes(bundles)).toEqual([]);
    console.info(
      `${kills} kills of a collector in ${Math.round((performance.now() - startedMs) / 1000)} s met ${JSON.stringify(met)};`,
      `the next start told ${JSON.stringify(told)}; ${end.length} jobs, ${whole.size} whole bundles, each sound`,
    );
  },
  long ? 3_600_000 : 180_000,
);
