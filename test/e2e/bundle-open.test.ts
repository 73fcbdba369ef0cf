import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeInBrowser, eventually, launchBrowser, openWindow } from './browser.ts';
import { buildDashboard } from './built-dashboard.ts';
import { makeEvidence } from './evidence-bundle.ts';
import { type Finished, sextant, temporaryFolder } from './running-site.ts';

const program = fileURLToPath(new URL('../../bin/sextant.js', import.meta.url));
const fromMs = Date.UTC(2026, 10, 20, 9, 45);
const minuteMs = 60_000;
const everyMs = 300;

interface Opened {
  url: string;
  signin: string;
  case: string;
  bundles: string[];
  process: ChildProcess;
  stop(): Promise<number | null>;
}

async function open(...args: string[]): Promise<Opened> {
  const child = spawn(process.execPath, [program, 'bundle', 'open', ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ready = Promise.withResolvers<Omit<Opened, 'process' | 'stop'>>();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    const line = /^\{.*\}$/m.exec(output)?.[0];
    if (line) ready.resolve(JSON.parse(line));
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  child.once('close', (code) => ready.reject(new Error(`bundle open ended with ${code}:\n${output}`)));
  return {
    ...(await ready.promise),
    process: child,
    async stop() {
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      const [code] = await closed;
      return code as number | null;
    },
  };
}

/** Every file below a folder, with its size and the time of its last change. */
const contents = (path: string): string[] =>
  readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => ({ name, found: statSync(join(path, name)) }))
    .map(({ name, found }) => `${name} ${found.isFile() ? found.size : ''} ${found.mtimeMs}`)
    .sort();

const { folder, remove } = temporaryFolder();
let first: string;
let second: string;
beforeAll(async () => {
  first = await makeEvidence(folder, { id: 'aaaaaaaaaaaa', fromMs, everyMs });
  // Ten minutes of both are the same.
  second = await makeEvidence(folder, { id: 'bbbbbbbbbbbb', fromMs: fromMs + 5 * minuteMs, everyMs });
});
afterAll(remove);

describe('bundles in a case', () => {
  const folderOfCase = join(folder, 'case');
  const importInto = (...args: string[]): Promise<Finished> =>
    sextant(['bundle', 'import', ...args, '--to', folderOfCase, '--json']);

  test('an import that was killed goes on; records of bundles that overlap are one set; another site is kept apart', async () => {
    const args = ['bundle', 'import', first, '--to', folderOfCase];
    const child = spawn(process.execPath, [program, ...args], { stdio: 'ignore' });
    const closed = once(child, 'close');
    await eventually(
      () =>
        existsSync(join(folderOfCase, 'collector', 'journal')) &&
        readdirSync(join(folderOfCase, 'collector', 'journal')).some((name) => name.endsWith('.journal')),
    );
    child.kill('SIGKILL');
    await closed;
    const elsewhere = await makeEvidence(join(folder, 'elsewhere'), {
      ...{ id: 'cccccccccccc', fromMs, everyMs: minuteMs, site: 'Plant 8' },
    });
    // The program that it had started may live for a moment longer.
    let done: Finished = { code: 1, stdout: '', stderr: '', ms: 0 };
    await eventually(async () => {
      done = await importInto(first, second, elsewhere);
      return done.stderr;
    }, 30_000).not.toContain('SX_DATA_FOLDER_HELD');
    expect(done.stderr).toBe('');
    expect(JSON.parse(done.stdout).bundles).toMatchObject([
      { id: 'aaaaaaaaaaaa', fresh: true, records: 3000, samples: 450, complete: true },
      { id: 'bbbbbbbbbbbb', fresh: true, records: 3000, samples: 450, duplicates: 300 },
      { id: 'cccccccccccc', fresh: true, records: 15 },
    ]);
    // Once more: nothing is added.
    const opened = await open(first, '--case', folderOfCase);
    const ask = async (...args: string[]): Promise<Record<string, unknown>[]> => {
      const range = ['--since', '2026-11-20T09:00:00Z', '--until', '2026-11-20T11:00:00Z'];
      const where = ['--data-dir', folderOfCase, '--json'];
      const { stdout } = await sextant([...args, ...where, ...(args[0] === 'nodes' ? [] : range)]);
      return args[0] === 'nodes'
        ? JSON.parse(stdout)
        : stdout
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line));
    };
    const [lines, points, nodes] = await Promise.all([
      ask('logs', '--node', 'node-1', '--limit', '20000'),
      ask('metrics', 'http.server.duration', '--node', 'node-1'),
      ask('nodes'),
    ]);
    // Twenty minutes in all, each record once, to the nanosecond.
    expect(lines).toHaveLength(4000);
    expect(new Set(lines.map(({ timestamp }) => timestamp)).size).toBe(4000);
    expect(lines[0]).toMatchObject({ timestamp: '2026-11-20T09:45:00.000456789Z', severity: 'error' });
    expect(points).toHaveLength(120);
    expect(nodes.map(({ node }) => node)).toEqual(['node-1', 'node-1@Plant 8']);
    expect(await opened.stop()).toBe(0);
  }, 90_000);

  test('another key for a site that is in it already is refused', async () => {
    const impostor = await makeEvidence(join(folder, 'impostor'), { id: 'dddddddddddd', fromMs, everyMs: minuteMs });
    const refused = await importInto(impostor);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/SX_BUNDLE_INVALID: .* is refused: it is signed with key/);
  }, 60_000);

  test('a bundle that is not sound leaves no case behind, and one that was there as it was', async () => {
    const damaged = join(folder, 'damaged', basename(first));
    cpSync(first, damaged, { recursive: true });
    appendFileSync(join(damaged, 'data', 'telemetry.v001.zip'), 'x');
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const before = contents(folderOfCase);
    const targets = [join(folder, 'new', 'case'), empty, folderOfCase];
    for (const to of targets) {
      const refused = await sextant(['bundle', 'import', damaged, '--to', to]);
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toMatch(/^SX_BUNDLE_INVALID: .* is refused:\n/);
    }
    expect(existsSync(join(folder, 'new'))).toBe(false);
    expect(readdirSync(empty)).toEqual([]);
    expect(contents(folderOfCase)).toEqual(before);
    // A folder of something else is told before a bundle is verified, which may take long.
    const other = await sextant(['bundle', 'import', damaged, '--to', damaged]);
    expect(other.stderr).toMatch(/^SX_CONFLICT: .* is there already and is no case/);
  }, 60_000);
});

describeInBrowser('a bundle in the dashboard', () => {
  let browser: Browser;
  let opened: Opened;
  beforeAll(async () => {
    buildDashboard();
    opened = await open(first);
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    opened?.process.kill('SIGTERM');
  });

  test('shows what it holds as evidence of its window, and says what is missing', async () => {
    const { page, problems } = await openWindow(browser);
    await page.goto(opened.signin);
    await page.waitForSelector('.evidence-banner');
    const banner = await page.textContent('.evidence-banner');
    expect(banner).toContain('Evidence, not live');
    expect(banner).toContain('sx-plant-7-20261120T100000Z-aaaaaaaaaaaa');
    expect(banner).toContain('Plant 7');
    await eventually(() => page.textContent('.alerts')).toContain('Memory of node-1 is 93 % used');
    expect(await page.textContent('.nav')).not.toContain('Bundles');
    expect(await page.locator('.play').count()).toBe(0);

    await page.click('.nav a:has-text("Evidence")');
    await eventually(() => page.textContent('main')).toContain('not permitted');
    const text = (await page.textContent('main')) ?? '';
    expect(text).toContain('A disk reports bad blocks');
    expect(text).toContain('declared by the bundle itself');
    await eventually(() => page.textContent('main')).toContain('system/uname.txt');
    // What a hostile record holds is text.
    expect(text).toContain('<img src=x');
    expect(await page.locator('main img').count()).toBe(0);

    await page.click('a:has-text("Logs around it")');
    await eventually(() => page.textContent('main')).toContain('has a bad block');
    await page.click('.nav a:has-text("Nodes")');
    await eventually(() => page.textContent('main')).toContain('node-1');
    expect(problems).toEqual([]);
  }, 60_000);

  test('can be read and not changed, and only by who has the link', async () => {
    const { page } = await openWindow(browser);
    await page.goto(opened.url);
    await page.waitForSelector('.sign-in');
    const answer = await page.request.get(`${opened.url}/api/v1/evidence`);
    expect(answer.status()).toBe(401);
    const posted = await page.request.post(`${opened.url}/api/v1/bundles`, { data: {} });
    expect(posted.status()).toBeGreaterThanOrEqual(400);
    expect(new URL(opened.url).hostname).toBe('127.0.0.1');
  });

  test('ends with what it had made for itself removed', async () => {
    expect(existsSync(opened.case)).toBe(true);
    expect(await opened.stop()).toBe(0);
    expect(existsSync(opened.case)).toBe(false);
  }, 30_000);
});
