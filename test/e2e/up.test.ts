import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { patient } from '../patience.ts';
import { alive, run, type Site, sextant, startSite, temporaryFolder } from './running-site.ts';
import { ask } from './site-requests.ts';

const { folder, remove } = temporaryFolder();
const dataDir = join(folder, 'data');
const followed = join(folder, 'app.log');
let site: Site;

beforeAll(async () => {
  writeFileSync(followed, '');
  site = await startSite(dataDir, { args: ['--follow', join(folder, '*.log')] });
});

afterAll(async () => {
  await site?.stop();
  remove();
});

/** Paths under the data folder with their modes, as `ls` would show them; parts that the engine takes away meanwhile are none. */
function modes(below = ''): [string, number][] {
  return ifThere(() => readdirSync(join(dataDir, below)), []).flatMap((name) => {
    const path = join(below, name);
    const found = statSync(join(dataDir, path), { throwIfNoEntry: false });
    if (!found) return [];
    return [[path, found.mode & 0o777], ...(found.isDirectory() ? modes(path) : [])];
  });
}

function ifThere<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return otherwise;
  }
}

// How long that takes, and how long until a line is found, `npm run bench -- agent` measures.
test('says that it is ready, and where', () => {
  expect(site.output()).toContain(`Sextant is ready: ${site.url}`);
  expect(site.signinLink).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/#signin=[\w-]+$/);
});

test('closes its data folder, its keys and its local endpoint to everyone else', () => {
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  const secrets = modes().filter(([path]) => /\.key$|endpoint\.json$|state\.db/.test(path));
  expect(secrets.map(([path]) => path)).toEqual(
    expect.arrayContaining(['collector/ca/ca.key', 'collector/ca/server.key', 'agent/identity/node.key']),
  );
  for (const [path, mode] of secrets) expect([path, mode.toString(8)]).toEqual([path, '600']);
});

test('finds an appended line', async () => {
  const mark = `needle ${Date.now()}`;
  appendFileSync(followed, `a line with a ${mark} in it\n`);
  await vi.waitFor(
    async () => {
      const { stdout } = await site.sextant('logs', '--since', '5m', '--grep', mark);
      expect(stdout).toContain(mark);
    },
    { timeout: 20_000, interval: 50 },
  );
});

test.skipIf(!existsSync('/run/systemd/journal/socket'))('finds what logger writes', async () => {
  const mark = `logged ${Date.now()}`;
  await run(['logger', mark]);
  await vi.waitFor(
    async () => expect((await site.sextant('logs', '--since', '5m', '--grep', mark)).stdout).toContain(mark),
    { timeout: 20_000, interval: 50 },
  );
});

test('answers with JSON of the promised shape', async () => {
  const nodes = JSON.parse((await site.sextant('nodes', '--json')).stdout);
  expect(nodes).toEqual([
    expect.objectContaining({
      node: expect.any(String),
      os: expect.any(String),
      version: expect.any(String),
      state: 'online',
      lastSeen: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    }),
  ]);
  expect(nodes[0]).toHaveProperty('clockOffsetMs');

  appendFileSync(followed, 'a line for its shape\n');
  const [log] = await vi.waitFor(async () => {
    const lines = jsonLines((await site.sextant('logs', '--since', '5m', '--grep', 'for its shape', '--json')).stdout);
    expect(lines).toHaveLength(1);
    return lines;
  }, patient);
  expect(log).toEqual({
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    node: nodes[0].node,
    severity: expect.any(String),
    body: 'a line for its shape',
    attributes: expect.objectContaining({ 'log.file.path': followed }),
  });

  const points = jsonLines((await site.sextant('metrics', 'system.memory.usage', '--since', '5m', '--json')).stdout);
  expect(points.length).toBeGreaterThan(0);
  expect(points[0]).toEqual({
    timestamp: expect.any(String),
    node: nodes[0].node,
    value: expect.any(Number),
    unit: 'By',
    attributes: expect.any(Object),
  });

  const alerts = JSON.parse((await site.sextant('alerts', '--json')).stdout);
  expect(Array.isArray(alerts)).toBe(true);
});

test('signs a browser in with the link, once', async () => {
  const send = JSON.stringify({ token: site.signinLink.split('#signin=')[1] });
  const options = { method: 'POST', headers: { 'content-type': 'application/json' }, send };
  const first = await ask(dataDir, `${site.url}/api/v1/session`, options);
  expect(first.status).toBeLessThan(300);
  expect(String(first.headers['set-cookie'])).toMatch(/HttpOnly/i);
  expect((await ask(dataDir, `${site.url}/api/v1/session`, options)).status).toBeGreaterThanOrEqual(400);
});

test('says who holds the folder when it is started twice', async () => {
  const { code, stderr } = await sextant(['up', '--data-dir', dataDir, '--port', '0']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/SX_DATA_FOLDER_HELD: .* is held by sextant up \(process \d+, since /);
});

test('takes evidence away that standard tools can check', async () => {
  const out = join(folder, 'evidence');
  const created = await site.sextant('bundle', 'create', '--since', '5m', '--out', out, '--json');
  expect(created, `${created.stdout}${created.stderr}`).toMatchObject({ code: 0 });
  const [name = ''] = readdirSync(out);
  const bundle = join(out, name);
  expect(await sextant(['bundle', 'verify', bundle])).toMatchObject({ code: 0 });
  expect(await run(['sh', '-c', `cd '${bundle}' && sha512sum -c --quiet manifest-sha512.txt`])).toMatchObject({
    code: 0,
  });
  for (const volume of readdirSync(join(bundle, 'data')).filter((file) => file.endsWith('.zip'))) {
    expect(await run(['unzip', '-tq', join(bundle, 'data', volume)])).toMatchObject({ code: 0 });
  }
});

test('stops cleanly, and is the same site when it starts again', async () => {
  const children = [site.pid('collector'), site.pid('agent')];
  const authority = readFileSync(join(dataDir, 'collector/ca/ca.crt'), 'utf8');
  const identity = readFileSync(join(dataDir, 'agent/identity/node.crt'), 'utf8');
  const { code, ms } = await site.stop('SIGTERM');
  expect(code).toBe(0);
  expect(ms).toBeLessThan(10_000);
  expect(children.filter(alive)).toEqual([]);
  expect(existsSync(join(dataDir, 'collector/endpoint.json'))).toBe(false);

  site = await startSite(dataDir, { args: ['--follow', join(folder, '*.log')] });
  expect(readFileSync(join(dataDir, 'collector/ca/ca.crt'), 'utf8')).toBe(authority);
  expect(readFileSync(join(dataDir, 'agent/identity/node.crt'), 'utf8')).toBe(identity);
  const { stdout } = await site.sextant('logs', '--since', '1h', '--grep', 'for its shape', '--json');
  expect(jsonLines(stdout)).toHaveLength(1);
});

const jsonLines = (text: string): unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
