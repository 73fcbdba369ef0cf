import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { bundleFolder } from '../../scripts/agent-program.js';
import { buildAgent } from './built-agent.ts';
import { type Site, startSite, temporaryFolder } from './running-site.ts';
import { ask } from './site-requests.ts';

const { folder, remove } = temporaryFolder();
const dataDir = join(folder, 'data');
let site: Site;

beforeAll(async () => {
  buildAgent();
  site = await startSite(dataDir);
});

afterAll(async () => {
  await site?.stop();
  remove();
});

const ofAgent = (file: string): string => readFileSync(`/proc/${site.pid('agent')}/${file}`, 'utf8');

test('sextant up runs the agent from its bundle', () => {
  expect(ofAgent('cmdline').split('\0')).toContain(join(bundleFolder, 'agent.js'));
});

test('the agent stays under 110 MB resident from its very first start', async () => {
  await vi.waitFor(
    () => {
      const kilobytes = Number(/^Rss: +(\d+) kB/m.exec(ofAgent('smaps_rollup'))?.[1]);
      expect(kilobytes * 1024).toBeLessThan(110e6);
    },
    { timeout: 20_000, interval: 500 },
  );
});

test('the bundled agent tells what the machine is made of', async () => {
  await vi.waitFor(
    async () => {
      const { token } = JSON.parse(readFileSync(join(dataDir, 'collector', 'endpoint.json'), 'utf8'));
      const nodes = JSON.parse((await site.sextant('nodes', '--json')).stdout);
      const { body } = await ask(dataDir, `${site.url}/api/v1/nodes/${nodes[0].node}/inventory`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(JSON.parse(body).facts).toMatchObject({ os: {}, cpu: {} });
    },
    { timeout: 25_000, interval: 500 },
  );
});

test('the bundled agent gathers its part of a bundle', async () => {
  const made = await site.sextant('bundle', 'create', '--since', '5m', '--out', folder, '--json');
  expect(made.code, made.stderr).toBe(0);
});
