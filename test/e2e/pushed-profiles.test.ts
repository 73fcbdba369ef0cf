import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { PushedProfileList } from '../../collector/api/shapes.ts';
import { long } from '../long.ts';
import { buildAgent } from './built-agent.ts';
import { type Site, startSite, temporaryFolder } from './running-site.ts';
import { ask } from './site-requests.ts';

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
const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
/** Asked over the API: a command line a poll would take most of this test's time. */
const list = async (): Promise<PushedProfileList> => {
  const { token, url } = JSON.parse(readFileSync(join(dataDir, 'collector', 'endpoint.json'), 'utf8'));
  const headers = { authorization: `Bearer ${token}` };
  return JSON.parse((await ask(dataDir, `${url}/api/v1/profiles`, { headers })).body);
};
const interval = async (): Promise<{ value: unknown; file: string }> =>
  JSON.parse(await done('agent', 'explain', 'metrics', '--json')).values.find(
    ({ path }: { path: string }) => path === 'metrics.interval',
  );
const outcome = async (version: number) =>
  (await list()).profiles[0]?.outcomes.find((each) => each.version === version);

test('a pushed interval holds at once, a withdrawal ends it, and what is not allowed is refused with the reason', async () => {
  const fast = write('fast.yaml', 'metrics: { interval: 1s }\n');
  const before = await interval();
  const agent = site.pid('agent');
  await done('profiles', 'push', fast, '--expires', '2h');
  await vi.waitFor(async () => expect(await outcome(1)).toMatchObject({ state: 'applied' }), patient);
  expect(await interval()).toMatchObject({
    value: '1s',
    file: expect.stringMatching(/^pushed fast v1 \(key [0-9A-F]{16}\)$/),
  });
  // Ten seconds lie between two samples of the platform's own profile.
  await vi.waitFor(async () => {
    const lines = (await done('metrics', 'system.memory.usage', '--since', '6s', '--json')).trim().split('\n');
    const times = new Set(lines.map((line) => JSON.parse(line).timestamp));
    expect(times.size).toBeGreaterThanOrEqual(4);
  }, patient);

  const commands = write(
    'fast.yaml',
    'metrics: { interval: 2s }\nbundle: { mine: { description: d, items: [{ name: id, command: [id] }] } }\n',
  );
  expect(await done('profiles', 'push', commands, '--dry-run')).toContain('needs `programs`');
  await done('profiles', 'push', commands);
  await vi.waitFor(async () => expect(await outcome(2)).toMatchObject({ state: 'refused' }), patient);
  expect((await interval()).file).toContain('fast v1');
  expect(await done('profiles', 'list')).toContain('refused fast v2');
  expect(await done('agent', 'status')).toMatch(/^pushed +fast v2 refused/m);

  await done('profiles', 'withdraw', 'fast');
  await vi.waitFor(async () => expect(await outcome(3)).toMatchObject({ state: 'withdrawn' }), patient);
  expect(await interval()).toEqual(before);
  expect(site.pid('agent'), 'the same process all the while').toBe(agent);
  const audit = await done('audit', '--json');
  for (const event of ['profile.pushed', 'profile.refused', 'profile.withdrawn']) expect(audit).toContain(event);
}, 180_000);

test.skipIf(!long)(
  'a restart keeps what holds, and neither an older version nor another key is believed',
  async () => {
    const fast = write('fast.yaml', 'metrics: { interval: 3s }\n');
    await done('profiles', 'push', fast);
    await done('profiles', 'push', fast);
    await vi.waitFor(async () => expect(await outcome(5)).toMatchObject({ state: 'applied' }), patient);
    await site.stop();
    expect((await interval()).file, 'with nobody there').toContain('fast v5');

    const database = new DatabaseSync(join(dataDir, 'collector', 'state.db'));
    database.exec('DELETE FROM pushed_profiles WHERE version > 4');
    database.close();
    site = await startSite(dataDir);
    await vi.waitFor(
      async () => expect((await outcome(4))?.reason).toContain('older than version 5, which this node has had'),
      patient,
    );
    expect((await interval()).file).toContain('fast v5');
    await site.stop();

    const keys = join(dataDir, 'collector', 'keys');
    for (const file of ['profiles.key', 'profiles.pub']) rmSync(join(keys, file), { force: true });
    rmSync(join(keys, 'profiles.chain.json'), { force: true });
    site = await startSite(dataDir);
    await done('profiles', 'push', write('fast.yaml', 'metrics: { interval: 9s }\n'));
    await vi.waitFor(async () => {
      const { nodes } = await list();
      expect(nodes[0]?.error).toContain('is not the key');
    }, patient);
    expect((await interval()).file).toContain('fast v5');
  },
  180_000,
);
