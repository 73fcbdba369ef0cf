import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Site, startSite } from '../e2e/running-site.ts';
import { agentProcesses, agentService, buildMsi, dataFolder, installFolder } from './windows-node.ts';
import { createWine, describeUnderWine, type Wine } from './wine.ts';

const patience = { timeout: 120_000, interval: 500 };
const services = 'HKLM\\SYSTEM\\CurrentControlSet\\Services';

describeUnderWine('the agent as an administrator installs it on Windows', () => {
  let folder: string;
  let site: Site;
  let wine: Wine;
  let first: string;
  let second: string;
  let node: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sextant-msi-'));
    [first, second, site, wine] = await Promise.all([
      buildMsi('0.1.0', folder),
      buildMsi('0.1.1', folder),
      startSite(join(folder, 'data')),
      createWine(),
    ]);
  }, 300_000);
  afterAll(async () => {
    await wine?.close();
    await site?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const msiexec = (...args: string[]) => wine.run('msiexec', [...args, '/qn'], { timeoutMs: 180_000 });
  const identity = () => readFileSync(join(dataFolder(wine), 'agent', 'identity', 'node.crt'), 'utf8');
  const state = async () => JSON.parse((await agentService(wine, 'status', '--json')).stdout);
  const keyIsThere = async (key: string) => (await wine.run('reg', ['query', key])).code === 0;
  /** Samples of a metric of the Windows node, as `sextant metrics` finds them. */
  async function samples(metric: string, sinceMs: number): Promise<number> {
    const { stdout } = await site.sextant('metrics', metric, '--node', node, '--since', '1h', '--json');
    const times = [...stdout.matchAll(/"timestamp":"([^"]+)"/g)].map(([, time]) => Date.parse(String(time)));
    return times.filter((time) => time >= sinceMs).length;
  }

  test('installs silently, enrols and runs as a service', async () => {
    const { stdout } = await site.sextant('token', 'create', '--json');
    const { token } = JSON.parse(stdout);
    const installed = await msiexec(
      '/i',
      wine.windowsPath(first),
      `COLLECTOR_URL=${site.url}`,
      `ENROLLMENT_TOKEN=${token}`,
    );
    expect(installed.code, installed.stderr).toBe(0);
    expect(await state()).toMatchObject({ state: 'running', exitCode: 0 });
    expect(agentProcesses(wine)).toHaveLength(1);
    expect(await keyIsThere(`${services}\\EventLog\\Application\\Sextant Agent`)).toBe(true);
    node = JSON.parse(readFileSync(join(dataFolder(wine), 'agent', 'identity', 'agent.json'), 'utf8')).node;
  }, 300_000);

  test('lies in one folder, as its list of checksums says', () => {
    const listed = readFileSync(first.replace(/msi$/, 'sha256'), 'utf8').trim().split('\n');
    const names = listed.map((line) => line.split('  ')[1] ?? '');
    const found = readdirSync(installFolder(wine), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(installFolder(wine).length + 1));
    expect(found.sort()).toEqual([...names, 'SHA256SUMS.txt'].sort());
    expect(names).toEqual(expect.arrayContaining(['node.exe', 'sextant.js', 'koffi.node', 'LICENSE-packages.txt']));
  });

  test('sends metrics of the Windows host, which `sextant metrics` finds', async () => {
    await vi.waitFor(async () => {
      const { stdout } = await site.sextant(
        'metrics',
        'system.memory.usage',
        '--node',
        node,
        '--since',
        '1h',
        '--json',
      );
      expect(stdout).toContain('system.memory.state');
    }, patience);
    const { stdout } = await site.sextant('nodes', '--json');
    expect(stdout).toContain(node);
  }, 180_000);

  test('stops and starts at the word of the service manager, and its process ends', async () => {
    expect((await agentService(wine, 'stop')).code).toBe(0);
    expect(agentProcesses(wine)).toEqual([]);
    expect(await state()).toMatchObject({ state: 'stopped', exitCode: 0 });
    expect((await agentService(wine, 'start')).code).toBe(0);
    expect(await state()).toMatchObject({ state: 'running' });
  }, 300_000);

  // Wine has no failure actions: it takes their setting and does not notice that the process has gone.
  test('goes on with its identity after it was killed and started again', async () => {
    const before = identity();
    for (const pid of agentProcesses(wine)) process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(agentProcesses(wine)).toEqual([]), patience);
    expect((await agentService(wine, 'stop')).code).toBe(0);
    expect((await agentService(wine, 'start')).code).toBe(0);
    expect(agentProcesses(wine)).toHaveLength(1);
    expect(identity()).toBe(before);
  }, 300_000);

  test('keeps identity, spool and positions when it is upgraded', async () => {
    const before = identity();
    const epoch = readFileSync(join(dataFolder(wine), 'agent', 'spool', 'checkpoint'), 'latin1').match(
      /"epoch":"([^"]+)"/,
    )?.[1];
    const upgraded = await msiexec('/i', wine.windowsPath(second));
    expect(upgraded.code, upgraded.stderr).toBe(0);
    expect(JSON.parse(readFileSync(join(installFolder(wine), 'package.json'), 'utf8')).version).toBe('0.1.1');
    expect(await state()).toMatchObject({ state: 'running' });
    expect(agentProcesses(wine)).toHaveLength(1);
    expect(identity()).toBe(before);
    const now = readFileSync(join(dataFolder(wine), 'agent', 'spool', 'checkpoint'), 'latin1');
    expect(now).toContain(`"epoch":"${epoch}"`);
    const upgradedMs = Date.now();
    await vi.waitFor(async () => expect(await samples('system.uptime', upgradedMs)).toBeGreaterThan(0), patience);
  }, 300_000);

  test('leaves no file, service or key when it is removed, but its data unless PURGE=1', async () => {
    const removed = await msiexec('/x', wine.windowsPath(second));
    expect(removed.code, removed.stderr).toBe(0);
    expect(agentProcesses(wine)).toEqual([]);
    expect(existsSync(installFolder(wine))).toBe(false);
    expect(await keyIsThere(`${services}\\SextantAgent`)).toBe(false);
    expect(await keyIsThere(`${services}\\EventLog\\Application\\Sextant Agent`)).toBe(false);
    const before = identity();

    expect((await msiexec('/i', wine.windowsPath(second))).code).toBe(0);
    expect(await state()).toMatchObject({ state: 'running' });
    expect(identity()).toBe(before);
    expect((await msiexec('/x', wine.windowsPath(second), 'PURGE=1')).code).toBe(0);
    expect(existsSync(installFolder(wine))).toBe(false);
    expect(existsSync(dataFolder(wine))).toBe(false);
  }, 300_000);
});
