import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Site, startSite } from '../e2e/running-site.ts';
import { askLines } from '../e2e/site-api.ts';
import { buildStandIn } from './wevtapi/build.ts';
import { createEventFiles } from './wevtapi/event-files.ts';
import { agentProcesses, agentService, buildMsis, dataFolder, installFolder } from './windows-node.ts';
import { createWine, describeUnderWine, type Wine } from './wine.ts';

const execute = promisify(execFile);
const patience = { timeout: 120_000, interval: 500 };
const eventsFolder = 'C:\\events';
const services = 'HKLM\\SYSTEM\\CurrentControlSet\\Services';

describeUnderWine('the agent as an administrator installs it on Windows', () => {
  let folder: string;
  let dataDir: string;
  let site: Site;
  let wine: Wine;
  let first: string;
  let second: string;
  let node: string;
  let channel: ReturnType<ReturnType<typeof createEventFiles>['channel']>;
  const writeEvents = (count: number) =>
    channel.append(count, (recordId) => ({ provider: 'Sextant-Test', eventId: 1, data: [`Which=part ${recordId}`] }));

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sextant-msi-'));
    dataDir = join(folder, 'data');
    [[first, second], site, wine] = await Promise.all([
      buildMsis(['0.1.0', '0.1.1'], folder),
      startSite(dataDir),
      createWine({ SEXTANT_STANDIN_EVENTS: eventsFolder }),
    ]);
    // Wine's own event log has nothing to tell.
    wine.replaceSystemDll('wevtapi.dll', buildStandIn());
    const events = createEventFiles(join(wine.driveC, 'events'));
    events.publisher('Sextant-Test', { 1: 'Something happened to %1.' });
    channel = events.channel('System');
    writeEvents(20);
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
  const oneAgentRuns = (): Promise<number> =>
    vi.waitFor(() => {
      const pids = agentProcesses(wine);
      expect(pids).toHaveLength(1);
      return pids[0] as number;
    }, patience);
  /** Samples of a metric of the Windows node. */
  async function samples(metric: string, sinceMs: number): Promise<number> {
    const query = { name: metric, node, since: '1h', limit: 10_000 };
    const points = await askLines<{ timestamp: string }>(dataDir, 'metrics/points', query);
    return points.filter(({ timestamp }) => Date.parse(timestamp) >= sinceMs).length;
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
    await oneAgentRuns();
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
    expect(names).toEqual(expect.arrayContaining(['app-control-policy.ps1', 'koffi.node', 'node.exe', 'sextant.js']));
    expect(names).toEqual(expect.arrayContaining(['node.exe', 'sextant.js', 'koffi.node', 'LICENSE-packages.txt']));
  });

  test('sends metrics of the Windows host, which `sextant metrics` finds', async () => {
    await vi.waitFor(async () => expect(await samples('system.memory.usage', 0)).toBeGreaterThan(0), patience);
    const found = await site.sextant('metrics', 'system.memory.usage', '--node', node, '--since', '1h', '--json');
    expect(found.stdout).toContain('system.memory.state');
    const { stdout } = await site.sextant('nodes', '--json');
    expect(stdout).toContain(node);
  }, 180_000);

  const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
  const partsOf = (records: { body: string }[]): number[] =>
    records.map(({ body }) => Number(/^Something happened to part (\d+)\.$/.exec(body)?.[1])).sort((a, b) => a - b);
  const storedEvents = async (): Promise<number[]> =>
    partsOf(await askLines(dataDir, 'logs', { node, grep: 'happened', since: '1h', limit: 10_000 }));

  test('sends events of the Windows event log, which `sextant logs` finds with their messages', async () => {
    await vi.waitFor(async () => expect(await storedEvents()).toEqual(upTo(20)), patience);
    const args = ['logs', '--node', node, '--grep', 'happened', '--since', '1h', '--json'];
    const { stdout } = await site.sextant(...args);
    const lines = stdout.split('\n').filter(Boolean);
    expect(partsOf(lines.map((line) => JSON.parse(line)))).toEqual(upTo(20));
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
    process.kill(await oneAgentRuns(), 'SIGKILL');
    await vi.waitFor(() => expect(agentProcesses(wine)).toEqual([]), patience);
    expect((await agentService(wine, 'stop')).code).toBe(0);
    expect((await agentService(wine, 'start')).code).toBe(0);
    await oneAgentRuns();
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
    await oneAgentRuns();
    expect(identity()).toBe(before);
    const now = readFileSync(join(dataFolder(wine), 'agent', 'spool', 'checkpoint'), 'latin1');
    expect(now).toContain(`"epoch":"${epoch}"`);
    const upgradedMs = Date.now();
    await vi.waitFor(async () => expect(await samples('system.uptime', upgradedMs)).toBeGreaterThan(0), patience);
    writeEvents(20);
    // None is missing and none was read again, through stop, kill and upgrade.
    await vi.waitFor(async () => expect(await storedEvents()).toEqual(upTo(40)), patience);
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

  test('installs without properties, says in the Application log that the node is not enrolled, and what to do', async () => {
    const installed = await wine.run('msiexec', ['/i', wine.windowsPath(second), '/qn'], {
      timeoutMs: 180_000,
      env: { WINEDEBUG: '-all,+eventlog' },
    });
    expect(installed.code, installed.stderr).toBe(0);
    const written = installed.stderr.split('\n').filter((line) => line.includes('ReportEventW'));
    expect(written.filter((line) => line.includes('not enrolled'))).toEqual([
      expect.stringMatching(/What to do: make a token.*sextant agent service setup --collector/),
    ]);
    expect(await state()).toMatchObject({ state: 'stopped' });
    expect((await msiexec('/x', wine.windowsPath(second), 'PURGE=1')).code).toBe(0);
  }, 300_000);

  test.each([
    [['COLLECTOR_URL=https://c:8443', 'ENROLMENT_TOKEN=x'], 'COLLECTOR_URL came without ENROLLMENT_TOKEN'],
    [['COLECTOR_URL=https://c:8443', 'ENROLLMENT_TOKEN=x'], 'came without COLLECTOR_URL'],
  ])(
    'refuses one property of two before it installs anything: %j',
    async (properties, message) => {
      const refused = await msiexec('/i', wine.windowsPath(first), ...properties);
      expect(refused.code).not.toBe(0);
      expect(existsSync(installFolder(wine))).toBe(false);
      // Wine says nothing of it without a window; Windows writes the message to its log and to the Application log.
      const { stdout } = await execute('msiinfo', ['export', first, 'LaunchCondition']);
      expect(stdout).toContain(message);
    },
    300_000,
  );

  // Behind all others: Wine's service manager goes on to know the service of an installation that was taken back.
  test.each([
    ['a token that is none', ['ENROLLMENT_TOKEN=abc'], /not an enrolment token.*What to do: create a new one/],
    [
      'a token file that is not there',
      ['ENROLLMENT_TOKEN_FILE=C:\\no\\such.txt'],
      /there is no C:.*What to do: correct/,
    ],
  ])(
    'leaves nothing installed with %s, and says why in the Application log',
    async (_, properties, event) => {
      const refused = await wine.run(
        'msiexec',
        ['/i', wine.windowsPath(first), `COLLECTOR_URL=${site.url}`, ...properties, '/qn'],
        { timeoutMs: 180_000, env: { WINEDEBUG: '-all,+eventlog' } },
      );
      expect(refused.code).not.toBe(0);
      // Wine keeps no Application log; it prints what is written to it.
      const written = refused.stderr.split('\n').filter((line) => line.includes('ReportEventW'));
      expect(written).toEqual([expect.stringMatching(event)]);
      expect(existsSync(installFolder(wine))).toBe(false);
      expect(await keyIsThere(`${services}\\SextantAgent`)).toBe(false);
    },
    300_000,
  );
});
