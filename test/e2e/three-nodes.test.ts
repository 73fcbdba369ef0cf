import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { long } from '../long.ts';
import { type Cluster, canMakeNamespaces, startCluster } from './cluster-of-namespaces.ts';
import { run, sextant, temporaryFolder } from './running-site.ts';

/** A minute of a cluster's life: for the long run. */
const possible = canMakeNamespaces();
if (long && !possible) {
  console.error('\n  !!  SKIPPED: test/e2e/three-nodes.test.ts needs root (network namespaces) and the program `ip`\n');
}

const quick = '      - name: uname\n        command: [uname, -a]\n';
const slow = '      - name: slow\n        command: [sleep, "60"]\n        timeout: 50s\n';
const stuck = '      - name: stuck\n        command: [sleep, "600"]\n        timeout: 1s\n';

describe.runIf(long && possible)(
  'a bundle of three nodes: one healthy, one killed half way, one with a source that hangs',
  () => {
    const { folder, remove } = temporaryFolder();
    const out = join(folder, 'out');
    let cluster: Cluster;
    let victim: Awaited<ReturnType<Cluster['addNode']>>;

    beforeAll(async () => {
      cluster = await startCluster(folder, { nodeDeadline: '20s' });
      await cluster.addNode('node-a', quick);
      victim = await cluster.addNode('node-b', quick + slow);
      await cluster.addNode('node-c', stuck + quick);
      await vi.waitFor(
        async () => {
          const { stdout } = await cluster.sextant('nodes', '--json');
          const nodes = stdout
            .trim()
            .split('\n')
            .flatMap((line) => JSON.parse(line));
          expect(nodes.filter(({ state }) => state === 'online')).toHaveLength(3);
        },
        { timeout: 60_000, interval: 500 },
      );
      // Each tells its inventory two seconds after its start.
      await vi.waitFor(
        () => {
          const database = new DatabaseSync(join(cluster.dataDir, 'collector/state.db'), { readOnly: true });
          const told = database.prepare('SELECT count(*) AS nodes FROM nodes WHERE inventory IS NOT NULL').get();
          database.close();
          expect(told).toEqual({ nodes: 3 });
        },
        { timeout: 60_000, interval: 200 },
      );
    }, 180_000);
    afterAll(async () => {
      await cluster?.close();
      remove();
    });

    test('it finishes with exit code 3, and its first page says exactly what is missing', async () => {
      const creating = cluster.sextant('bundle', 'create', '--since', '5m', '--redact', 'none', '--out', out, '--json');
      await vi.waitFor(
        async () => {
          const { stdout } = await cluster.sextant('bundle', 'list', '--json');
          const [job] = JSON.parse(stdout);
          expect(job?.items).toContainEqual(
            expect.objectContaining({ node: 'node-b', source: 'system/slow', state: 'running' }),
          );
        },
        { timeout: 30_000, interval: 200 },
      );
      const closed = once(victim.agent, 'close');
      // `ip netns exec` becomes the program: this is the agent itself.
      victim.agent.kill('SIGKILL');
      await closed;

      const { code, stdout, stderr } = await creating;
      expect(code, stderr).toBe(3);
      const { path, state, coverage } = JSON.parse(stdout);
      expect(state).toBe('partial');
      expect(coverage.nodes).toEqual([
        { node: 'node-a', state: 'gathered', reason: null },
        {
          node: 'node-b',
          state: 'timeout',
          reason: expect.stringMatching(
            /not finished within 20 s; last seen .* before this bundle was made; its last inventory is .* old; what it had streamed is included/,
          ),
        },
        { node: 'node-c', state: 'gathered', reason: null },
      ]);

      const page = await readFile(join(path, 'index.html'), 'utf8');
      const missing = page.slice(
        page.indexOf('<h2>What is missing'),
        page.indexOf('</table>', page.indexOf('<h2>What is missing')),
      );
      const rows = [...missing.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row = '']) =>
        [...row.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell = '']) => cell.replace(/<[^>]+>/g, '')).slice(0, 3),
      );
      expect(rows.filter((row) => row.length > 0)).toEqual([
        ['node-b', 'the node', '✕ timeout'],
        ['node-b', 'system/uname', '✕ timeout'],
        ['node-b', 'system/slow', '✕ timeout'],
        ['node-c', 'system/stuck', '✕ timeout'],
      ]);
      // Nothing else comes before it but who, when and the verdict.
      expect(page.indexOf('<h2>')).toBe(page.indexOf('<h2>What is missing'));

      const verified = await sextant([
        'bundle',
        'verify',
        path,
        '--key',
        join(cluster.dataDir, 'collector/keys/sextant.pub'),
      ]);
      expect(verified.code, verified.stdout).toBe(0);
      const telemetry = await run(['unzip', '-p', join(path, 'data/telemetry.v001.zip'), 'metrics/node-b.ndjson']);
      expect(telemetry.stdout).toContain('"node":"node-b"');
      expect(await readdir(join(path, 'data'))).toEqual(['node-a.v001.zip', 'node-c.v001.zip', 'telemetry.v001.zip']);
    }, 120_000);

    test('the killed node’s own disk still tells what it had gathered', async () => {
      const mine = await sextant([
        'agent',
        'collect',
        '--data-dir',
        victim.dataDir,
        '--since',
        '1h',
        '--role',
        'none',
        '--out',
        out,
        '--json',
      ]);
      expect(mine.code, mine.stderr).toBe(0);
      const { path } = JSON.parse(mine.stdout);
      const [name = ''] = (await readdir(join(path, 'data'))).filter((file) => file.startsWith('telemetry'));
      const { stdout } = spawnSync('unzip', ['-p', join(path, 'data', name), 'metrics/*'], {
        encoding: 'utf8',
        maxBuffer: 1e9,
      });
      expect(stdout).toContain('sextant.agent.memory.usage');
    }, 60_000);
  },
);
