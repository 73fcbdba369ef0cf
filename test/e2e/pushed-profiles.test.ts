import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { explainValues } from '../../agent/profile/explain.ts';
import { loadOwnProfile } from '../../cli/own-profile.ts';
import type { PushedProfileList, PushedProfileRow } from '../../collector/api/shapes/profiles.ts';
import { loadSettings } from '../../config/load.ts';
import { long } from '../long.ts';
import { buildAgent } from './built-agent.ts';
import { type Site, startSite, temporaryFolder } from './running-site.ts';
import { askApi, askLines } from './site-api.ts';

const { folder, remove } = temporaryFolder();
const dataDir = join(folder, 'data');
const patient = { timeout: 60_000, interval: 300 };
let site: Site;

beforeAll(async () => {
  buildAgent();
  site = await startSite(dataDir);
}, 120_000);
afterAll(async () => {
  await site?.stop();
  remove();
});

async function done(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await site.sextant(...args);
  expect(code, stderr).toBe(0);
  return stdout;
}
const list = () => askApi(dataDir, (api) => api.get<PushedProfileList>('profiles'));
const interval = () => {
  const { placed } = loadOwnProfile(dataDir, loadSettings({ dataDir }));
  return explainValues(placed).find(({ path }) => path === 'metrics.interval');
};
const push = (text: string) =>
  askApi(dataDir, (api) => api.send<PushedProfileRow>('POST', 'profiles', { name: 'fast', text }));
const outcome = async (version: number) =>
  (await list()).profiles[0]?.outcomes.find((each) => each.version === version);

test('a pushed interval holds at once, a withdrawal ends it, and what is not allowed is refused with the reason', async () => {
  const fast = join(folder, 'fast.yaml');
  writeFileSync(fast, 'metrics: { interval: 1s }\n');
  const before = interval();
  const agent = site.pid('agent');
  await done('profiles', 'push', fast, '--expires', '2h');
  await vi.waitFor(async () => expect(await outcome(1)).toMatchObject({ state: 'applied' }), patient);
  expect(interval()).toMatchObject({
    value: '1s',
    file: expect.stringMatching(/^pushed fast v1 \(key [0-9A-F]{16}\)$/),
  });
  const misspelt = await site.sextant('profiles', 'push', fast, '--role', 'linus');
  expect([misspelt.code, misspelt.stderr]).toEqual([
    1,
    expect.stringMatching(/^SX_NOT_FOUND: no node has the role linus; nodes have linux\n {2}→ .*--force/),
  ]);
  // Ten seconds lie between two samples of the platform's own profile. How long they are on their way makes no difference.
  await vi.waitFor(async () => {
    const query = { name: 'system.memory.usage', since: '5m', limit: 10_000 };
    const points = await askLines<{ timestamp: string }>(dataDir, 'metrics/points', query);
    const times = [...new Set(points.map(({ timestamp }) => Date.parse(timestamp)))].sort((a, b) => a - b);
    const within6s = times.map((from) => times.filter((time) => time >= from && time < from + 6000).length);
    expect(Math.max(...within6s)).toBeGreaterThanOrEqual(4);
  }, patient);

  await push('metrics: { interval: 2s }\nbundle: { mine: { description: d, items: [{ name: id, command: [id] }] } }\n');
  await vi.waitFor(async () => expect(await outcome(2)).toMatchObject({ state: 'refused' }), patient);
  expect(await done('agent', 'explain', 'metrics')).toMatch(/interval: +"1s" +# pushed fast v1 \(key [0-9A-F]{16}\):1/);
  expect(await done('profiles', 'list')).toContain('refused fast v2');
  expect(await done('agent', 'status')).toMatch(/^pushed +fast v2 refused/m);

  await done('profiles', 'withdraw', 'fast');
  await vi.waitFor(async () => expect(await outcome(3)).toMatchObject({ state: 'withdrawn' }), patient);
  expect(interval()).toEqual(before);
  expect(site.pid('agent'), 'the same process all the while').toBe(agent);
  const audit = await askApi(dataDir, (api) => api.get<{ event: string }[]>('audit', { limit: 100 }));
  const events = audit.map(({ event }) => event);
  expect(events).toEqual(expect.arrayContaining(['profile.pushed', 'profile.refused', 'profile.withdrawn']));
}, 180_000);

test.skipIf(!long)(
  'a restart keeps what holds, and neither an older version nor another key is believed',
  async () => {
    await push('metrics: { interval: 3s }\n');
    await push('metrics: { interval: 3s }\n');
    await vi.waitFor(async () => expect(await outcome(5)).toMatchObject({ state: 'applied' }), patient);
    await site.stop();
    expect(interval()?.file, 'with nobody there').toContain('fast v5');

    const database = new DatabaseSync(join(dataDir, 'collector', 'state.db'));
    database.exec('DELETE FROM pushed_profiles WHERE version > 4');
    database.close();
    site = await startSite(dataDir);
    await vi.waitFor(
      async () => expect((await outcome(4))?.reason).toContain('older than version 5, which this node has had'),
      patient,
    );
    expect(interval()?.file).toContain('fast v5');
    await site.stop();

    const keys = join(dataDir, 'collector', 'keys');
    for (const file of ['profiles.key', 'profiles.pub']) rmSync(join(keys, file), { force: true });
    rmSync(join(keys, 'profiles.chain.json'), { force: true });
    site = await startSite(dataDir);
    await push('metrics: { interval: 9s }\n');
    await vi.waitFor(async () => {
      const { nodes } = await list();
      expect(nodes[0]?.error).toContain('is not the key');
    }, patient);
    expect(interval()?.file).toContain('fast v5');
  },
  180_000,
);
