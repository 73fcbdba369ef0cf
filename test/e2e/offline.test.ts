import { spawnSync } from 'node:child_process';
import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { patient } from '../patience.ts';
import { run, type Site, startSite, temporaryFolder } from './running-site.ts';

// A network namespace of its own takes root and the kernel's leave.
const possible = spawnSync('unshare', ['-n', 'ip', 'link', 'set', 'lo', 'up']).status === 0;
if (!possible) {
  console.error('\n  !!  SKIPPED: test/e2e/offline.test.ts needs root (network namespaces) and the program `ip`\n');
}

describe.skipIf(!possible)('in a network namespace that has only loopback', () => {
  const { folder, remove } = temporaryFolder();
  const followed = join(folder, 'app.log');
  const enter = (pid: number): string[] => ['nsenter', '-t', String(pid), '-n'];
  let site: Site;
  let inside: string[];

  beforeAll(async () => {
    writeFileSync(followed, '');
    site = await startSite(join(folder, 'data'), {
      args: ['--follow', followed],
      start: ['unshare', '-n', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'],
      enter,
    });
    inside = enter(site.process.pid ?? 0);
  });

  afterAll(async () => {
    await site?.stop();
    remove();
  });

  /** What the kernel of this namespace counted: packets for which there was no way, and datagrams (names are asked so). */
  async function attempts(): Promise<{ noRoute: number; datagrams: number }> {
    const { stdout } = await run([...inside, 'cat', '/proc/net/snmp', '/proc/net/snmp6']);
    const row = (name: string): Record<string, number> => {
      const [titles = [], values = []] = stdout
        .split('\n')
        .filter((line) => line.startsWith(`${name}: `))
        .map((line) => line.split(' ').slice(1));
      return Object.fromEntries(titles.map((title, index) => [title, Number(values[index])]));
    };
    const ipv6 = (name: string): number => Number(new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(stdout)?.[1]);
    return {
      noRoute: (row('Ip').OutNoRoutes ?? Number.NaN) + ipv6('Ip6OutNoRoutes'),
      datagrams: (row('Udp').OutDatagrams ?? Number.NaN) + ipv6('Udp6OutDatagrams'),
    };
  }

  test('everything works', async () => {
    appendFileSync(followed, 'written where there is no way out\n');
    await vi.waitFor(async () => {
      const { stdout } = await site.sextant('logs', '--since', '5m', '--grep', 'no way out');
      expect(stdout).toContain('written where there is no way out');
    }, patient);
    expect(JSON.parse((await site.sextant('nodes', '--json')).stdout)).toMatchObject([{ state: 'online' }]);
    expect((await site.sextant('metrics', 'system.memory.usage', '--since', '5m')).stdout).toContain('By');
    expect(await site.sextant('alerts')).toMatchObject({ code: 0 });
    expect(await site.sextant('token', 'create', '--signin')).toMatchObject({ code: 0 });

    const out = join(folder, 'evidence');
    expect(await site.sextant('bundle', 'create', '--since', '5m', '--out', out)).toMatchObject({ code: 0 });
    const verified = await run([
      ...inside,
      process.execPath,
      'bin/sextant.js',
      'bundle',
      'verify',
      join(out, readdirSync(out)[0] ?? ''),
    ]);
    expect(verified).toMatchObject({ code: 0 });

    const page = await run([...inside, process.execPath, '-e', fetchPage, site.url]);
    expect(page.stdout).toMatch(/^200 .*<!doctype html>/i);
  });

  test('no process tries to reach anything else, nor to resolve a name', async () => {
    expect(await attempts()).toEqual({ noRoute: 0, datagrams: 0 });
    expect(site.output()).not.toMatch(/ENETUNREACH|EAI_AGAIN|ENOTFOUND/);
  });

  test('such an attempt would have been counted', async () => {
    await run([
      ...inside,
      process.execPath,
      '-e',
      "require('node:net').connect(443, '192.0.2.1').on('error', () => {})",
    ]);
    expect((await attempts()).noRoute).toBeGreaterThan(0);
  });
});

/** Prints status and beginning of the page whose address is the first argument. */
const fetchPage = `require('node:https').get(process.argv[1], { rejectUnauthorized: false }, (answer) =>
  answer.once('data', (chunk) => console.log(answer.statusCode, String(chunk).slice(0, 200).replaceAll('\\n', ' '))));`;
