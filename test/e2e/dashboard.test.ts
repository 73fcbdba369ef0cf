import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { linuxDrives } from '../../media/drives/system-linux.ts';
import { makeImage, possibleFilesystems } from '../faults/media/image.ts';
import { describeInBrowser, eventually, launchBrowser, openWindow, type Visit } from './browser.ts';
import { buildDashboard } from './built-dashboard.ts';
import { historyOf, linesOf } from './dashboard-history.ts';
import { enrollTestNode, type TestNode } from './dashboard-node.ts';
import { type DashboardSite, startDashboardSite } from './dashboard-site.ts';
import { temporaryFolder } from './running-site.ts';

const configuration = `
site:
  name: harbour
collector:
  nodes:
    silentAfter: 3s
  alerts:
    evaluateEvery: 1s
`;

/** A drive, where this machine lets tests mount one. */
const stick = possibleFilesystems().includes('ext4') ? makeImage('ext4', 40) : undefined;

const nodes = [
  { name: 'hv-01', load: 0.24, full: 0.93, perMinute: 60 },
  { name: 'hv-02', load: 0.41, full: 0.62, perMinute: 25 },
  { name: 'gone-03', load: 0.15, full: 0.5, perMinute: 5 },
];
const needle = 'volume db-03 <img src=x onerror=alert(1)> went read-only';

describeInBrowser('the dashboard', () => {
  const { folder, remove } = temporaryFolder();
  const testNodes: TestNode[] = [];
  let site: DashboardSite;
  let browser: Browser;
  let visit: Visit;
  let page: Page;
  /** Where the nodes' history ends. */
  let untilMs: number;

  beforeAll(async () => {
    buildDashboard();
    await stick?.mount();
    const volume = stick && (await linuxDrives().of(stick.folder)).volumeId;
    const media = volume ? `media:\n  devices: ['${volume}']\n` : '';
    site = await startDashboardSite(join(folder, 'data'), `${configuration}${media}`);
    untilMs = Date.now();
    const fromMs = untilMs - 40 * 60_000;
    for (const [index, { name, load, full, perMinute }] of nodes.entries()) {
      const node = await enrollTestNode(site, name);
      testNodes.push(node);
      await node.metrics(historyOf({ fromMs, untilMs, seed: index + 1, load, full }));
      const lines = linesOf({ fromMs, untilMs, seed: index + 1, perMinute });
      for (const [service, some] of Object.entries(lines)) await node.logs(service, some);
      await node.arrive(
        [
          { name: 'host', state: 'running', records: 240, dropped: 0, lastRecordUnixMs: untilMs },
          { name: 'journald', state: 'absent', records: 0, dropped: 0, detail: 'no journal on this machine' },
        ],
        { system: { manufacturer: 'Dell Inc.', model: 'AX-750' }, disks: [{ name: 'nvme0n1', sizeBytes: 2 ** 40 }] },
      );
    }
    await testNodes[0]?.logs('vmm', [{ unixMs: untilMs - 60_000, severity: 'FATAL', body: needle }]);
    testNodes[2]?.leave();

    browser = await launchBrowser();
    visit = await openWindow(browser);
    page = visit.page;
    await page.goto(await site.signinLink());
    await page.waitForSelector('.header');
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    for (const node of testNodes) node.leave();
    await site?.stop();
    await stick?.remove();
    remove();
  });

  afterEach(() => {
    expect(visit.problems.splice(0), 'console messages and page errors under the policy').toEqual([]);
  });

  test('signs in with a link that works once and leaves no trace in the address', async () => {
    const link = await site.signinLink();
    const first = await openWindow(browser);
    await first.page.goto(link);
    await first.page.waitForSelector('.header');
    expect(first.page.url()).toBe(`${site.url}/`);
    expect(first.problems).toEqual([]);

    const second = await openWindow(browser);
    await second.page.goto(link);
    const refusal = second.page.getByRole('alert');
    await refusal.waitFor();
    expect(await refusal.textContent()).toContain('sextant token create --signin');
    await first.page.goto(link);
    await first.page.waitForSelector('.header');
    await first.page.context().close();
    await second.page.context().close();
  });

  test('asks a stranger for a token, and takes one that is typed', async () => {
    const { page: fresh, problems } = await openWindow(browser);
    await fresh.goto(`${site.url}/logs?q=disk`);
    await fresh.getByLabel('Sign-in link or token').fill(await site.signinLink());
    await fresh.getByRole('button', { name: 'Sign in' }).click();
    await fresh.waitForSelector('.header');
    expect(new URL(fresh.url()).pathname, 'the page that was asked for').toBe('/logs');
    expect(problems).toEqual([]);
    await fresh.context().close();
  });

  test('shows first what is wrong, where, since when, the value and what to do', async () => {
    await page.goto(`${site.url}/`);
    const silent = page.locator('.alert', { hasText: 'gone-03' });
    await silent.waitFor({ timeout: 20_000 });
    const text = (await silent.first().textContent()) ?? '';
    for (const part of ['Critical', 'silent', 'Since', 'Value / limit', '3 s', 'Check that the machine is up']) {
      expect(text).toContain(part);
    }
    const [alertsTop, nodesTop] = await Promise.all(
      ['#alerts-title', '#nodes-title'].map(async (title) => (await page.locator(title).boundingBox())?.y ?? 0),
    );
    expect(alertsTop).toBeLessThan(nodesTop ?? 0);
  });

  test('lists nodes with their state in words, and only those in need with one click', async () => {
    await page.goto(`${site.url}/`);
    const rows = page.locator('table.nodes tbody tr');
    await eventually(() => rows.count()).toBe(3);
    await eventually(() => rows.filter({ hasText: 'gone-03' }).textContent()).toContain('Silent');
    await eventually(() => rows.filter({ hasText: 'hv-01' }).textContent()).toContain('Online');
    await page.getByRole('button', { name: /Need attention/ }).click();
    await eventually(() => rows.count()).toBe(1);
  });

  test('draws four charts on one crosshair; a drag zooms all, the address says so, and back undoes it', async () => {
    await page.goto(`${site.url}/?since=40m`);
    await eventually(() => page.locator('.charts .plot canvas').count()).toBe(4);
    const plot = page.locator('.charts .u-over').first();
    await plot.scrollIntoViewIfNeeded();
    const box = await plot.boundingBox();
    if (!box) throw new Error('the chart has no box');
    await page.mouse.move(box.x + box.width * 0.6, box.y + 40);
    await eventually(() => page.locator('.charts .u-cursor-x:not(.u-off)').count()).toBe(4);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.8, box.y + 40, { steps: 4 });
    await page.mouse.up();
    await eventually(() => new URL(page.url()).searchParams.get('until')).not.toBeNull();
    const { searchParams } = new URL(page.url());
    const spanMs = Date.parse(searchParams.get('until') ?? '') - Date.parse(searchParams.get('since') ?? '');
    expect(spanMs / 60_000, 'a fifth of 40 minutes').toBeCloseTo(8, 0);
    await page.reload();
    await page.waitForSelector('.charts .plot canvas');
    expect(new URL(page.url()).search, 'survives a reload').toContain('until=');
    await page.goBack();
    await eventually(() => page.url()).toBe(`${site.url}/?since=40m`);
  });

  test('reads a chart by arrow keys, aloud, and gives the same numbers as a table', async () => {
    // A time of its own: of the last half hour the end has no samples when the tests before took a while.
    const range = { since: new Date(untilMs - 30 * 60_000).toISOString(), until: new Date(untilMs).toISOString() };
    await page.goto(`${site.url}/?${new URLSearchParams(range)}`);
    const chart = page.locator('section.chart', { hasText: 'Memory' });
    await chart.locator('.plot').focus();
    await page.keyboard.press('End');
    for (let index = 0; index < 6; index += 1) await page.keyboard.press('ArrowLeft');
    await eventually(() => chart.locator('[aria-live]').textContent()).toMatch(/^\d\d:\d\d:\d\d: .*hv-01 [\d.]+ %/);
    await chart.getByRole('button', { name: 'Table' }).click();
    expect(await chart.locator('tbody tr').count()).toBeGreaterThan(50);
    expect(await chart.locator('tbody tr').nth(3).textContent()).toMatch(/%/);
  });

  test('zooms by keyboard: mark with Shift and arrows, Enter', async () => {
    await page.goto(`${site.url}/?since=40m`);
    const plot = page.locator('section.chart[aria-label="CPU"] .plot');
    await plot.focus();
    await page.keyboard.press('End');
    for (let index = 0; index < 3; index += 1) await page.keyboard.press('Shift+PageUp');
    await page.keyboard.press('Enter');
    await eventually(() => new URL(page.url()).searchParams.get('until')).not.toBeNull();
    await page.getByRole('button', { name: 'Fixed' }).click();
    await page.waitForSelector('.play-live');
  });

  test('finds a line, shows it as text, and opens its attributes', async () => {
    await page.goto(`${site.url}/logs`);
    await page.waitForSelector('.log-toolbar');
    await page.keyboard.press('/');
    await page.keyboard.type('"went read-only" node:hv-01');
    await page.keyboard.press('Enter');
    await eventually(() => page.locator('.line').count()).toBe(1);
    expect(await page.locator('.line-text').textContent()).toBe(needle);
    expect(await page.locator('.line img').count()).toBe(0);
    expect(new URL(page.url()).searchParams.get('q')).toBe('"went read-only" node:hv-01');
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await eventually(() => page.locator('.attributes').textContent()).toContain('vmm');
    expect(await page.locator('.log-scanned').textContent()).toMatch(/scanned .* rows/);
  });

  test('opens a link to a line at that line, whatever the time is then', async () => {
    await page.goto(`${site.url}/logs?q=${encodeURIComponent('"went read-only"')}`);
    await page.locator('.line-row').click();
    const key = new URL(page.url()).searchParams.get('line') ?? '';
    const unixMs = Date.parse(key.split('~')[0] ?? '');
    const link = new URLSearchParams({
      since: new Date(unixMs - 900_000).toISOString(),
      until: new Date(unixMs + 1000).toISOString(),
      line: key,
    });
    await page.goto(`${site.url}/logs?${link}`);
    await page.locator('.line-open.line-selected', { hasText: 'went read-only' }).waitFor();
    expect(await page.locator('.line').count(), 'among the others').toBeGreaterThan(20);
  });

  /**
   * A request that was refused is told in the console too, and nothing else may be. The page is left first: what it had asked
   * beside that one is told later, and would be found by the next test.
   */
  const onlyRefusals = async (): Promise<void> => {
    await page.goto('about:blank');
    expect(visit.problems.splice(0).filter((problem) => !/status of 400/.test(problem))).toEqual([]);
  };

  test('says what is wrong with a query, at which column', async () => {
    await page.goto(`${site.url}/logs?q=${encodeURIComponent('disk (full')}`);
    await eventually(() => page.getByRole('alert').textContent()).toMatch(/column 6.*SX_BAD_REQUEST/);
    await onlyRefusals();
  });

  test('filters by severity and by a click on a field, and counts per severity', async () => {
    await page.goto(`${site.url}/logs?since=40m`);
    await page.waitForSelector('.line');
    await page.getByRole('button', { name: 'fatal' }).click();
    await eventually(() => new URL(page.url()).searchParams.get('severity')).toBe('fatal');
    await eventually(() => page.locator('.line:not(.line-fatal)').count()).toBe(0);
    expect(await page.locator('.legend').textContent()).toBe('fatal');
    await page.getByRole('button', { name: 'Fields' }).click();
    await page.locator('.facet summary', { hasText: /^node$/ }).click();
    await page.locator('.facet-value', { hasText: 'hv-02' }).click();
    await eventually(() => new URL(page.url()).searchParams.get('q')).toBe('node:hv-02');
    await eventually(() => page.locator('.line-node', { hasText: 'hv-01' }).count()).toBe(0);
  });

  test('draws no more rows than are seen, and loads older ones on the way down', async () => {
    await page.goto(`${site.url}/logs?since=40m`);
    await page.waitForSelector('.line');
    expect(await page.locator('.line').count()).toBeLessThan(90);
    await eventually(async () => {
      await page.locator('.list').evaluate((list) => list.scrollTo(0, list.scrollHeight));
      return Number.parseInt(((await page.locator('.log-scanned').textContent()) ?? '').replaceAll('\u202f', ''), 10);
    }).toBeGreaterThan(800);
    expect(await page.locator('.line').count()).toBeLessThan(90);
  });

  // Once more when other tests have taken the processor away: the promise is about an idle machine.
  test('shows a new line within three seconds, holds while somebody reads, and resumes', { retry: 2 }, async () => {
    await page.goto(`${site.url}/logs`);
    await page.waitForSelector('.tail-live');
    const write = (body: string) => testNodes[1]?.logs('test', [{ unixMs: Date.now(), severity: 'INFO', body }]);
    const mark = Date.now();
    const writtenMs = performance.now();
    await write(`first new line ${mark}`);
    await page.locator('.line', { hasText: `first new line ${mark}` }).waitFor();
    expect(performance.now() - writtenMs).toBeLessThan(3000);

    await page.keyboard.press('j');
    await write(`second new line ${mark}`);
    const resume = page.locator('.tail-held', { hasText: '1 new line' });
    await resume.waitFor();
    expect(await page.locator('.line', { hasText: `second new line ${mark}` }).count()).toBe(0);
    await resume.click();
    await page.locator('.line', { hasText: `second new line ${mark}` }).waitFor();
  });

  test('understands a time that is typed', async () => {
    await page.goto(`${site.url}/metrics`);
    await page.waitForSelector('.metric-view');
    await page.keyboard.press('t');
    await page.keyboard.type('last 3 h');
    await page.keyboard.press('Enter');
    await eventually(() => new URL(page.url()).searchParams.get('since')).toBe('3h');
    expect(await page.locator('.range-label').textContent()).toBe('Last 3 h');
  });

  test('explores a metric: group by, aggregation, chart and table', async () => {
    await page.goto(`${site.url}/metrics?name=system.disk.io&by=node,disk.io.direction`);
    await eventually(() => page.locator('.legend li').count()).toBe(6);
    expect(await page.locator('.legend').textContent()).toMatch(/iB\/s/);
    await page.getByRole('button', { name: 'disk.io.direction' }).click();
    await eventually(() => page.locator('.legend li').count()).toBe(3);
    await page.getByRole('button', { name: 'max', exact: true }).click();
    await eventually(() => page.locator('.legend').textContent()).toMatch(/GiB(?!\/s)/);
  });

  test('shows a node with its charts, its collection health and its inventory', async () => {
    await page.goto(`${site.url}/nodes/hv-01`);
    await eventually(() => page.locator('.charts .plot canvas').count()).toBeGreaterThanOrEqual(5);
    await eventually(() => page.locator('.legend', { hasText: '/var/lib/storage' }).textContent()).toContain('93 %');
    const part = (name: string) => page.getByRole('region', { name }).textContent();
    await eventually(() => part('Collection health')).toContain('no journal on this machine');
    await eventually(() => part('Inventory')).toContain('AX-750');
  });

  test('creates a bundle, shows its progress, survives a reload and offers it for download', async () => {
    await page.goto(`${site.url}/bundles`);
    await page.getByLabel('Last 15 min').check();
    await page.getByLabel('gone-03').uncheck();
    await page.getByRole('button', { name: 'Create bundle' }).click();
    await page.waitForSelector('.bundle-detail');
    expect(new URL(page.url()).searchParams.get('bundle')).toMatch(/^[a-z0-9]+$/);
    await page.reload();
    const download = page.getByRole('link', { name: /Download/ });
    await download.waitFor();
    expect(await page.locator('.bundle-detail').textContent()).toContain('hv-01');
    const [file] = await Promise.all([page.waitForEvent('download'), download.click()]);
    expect(file.suggestedFilename()).toMatch(/harbour.*\.tar$/);
    expect(await page.locator('.history a[aria-current]').count()).toBe(1);
  });

  test('shows of a bundle that is being made what has come, how long it takes and how much is to come', async () => {
    const { release } = testNodes[0]?.holdGathers() ?? { release: () => {} };
    const { id } = await site.api<{ id: string }>('POST', 'bundles', { since: '15m', nodes: ['hv-01'] });
    await page.goto(`${site.url}/bundles?bundle=${id}`);
    const row = page.locator('.bundle-detail tr', { hasText: 'logs/app' });
    const cells = () => row.locator('td').allTextContents();
    await eventually(cells).toEqual(
      expect.arrayContaining([
        '3 MiB of about 8 MiB',
        '1\u202f234 files',
        expect.stringMatching(/^1[2-9] s$|^[2-9]\d s$/),
      ]),
    );
    // How much is stored is known by then: nothing is of unknown size, and what is left takes its time.
    await eventually(() => page.locator('.bundle-detail .progress').textContent()).toMatch(
      /^0 of 1 items · 3 MiB of about [89]\.?\d* MiB · about \d+ s to go$/,
    );
    release();
    await page.getByRole('link', { name: /Download/ }).waitFor();
    await eventually(() =>
      page.locator('.bundle-detail tr', { hasText: 'telemetry/logs' }).first().textContent(),
    ).toMatch(/\d+ records/);
  });

  test.skipIf(!stick)(
    'exports a bundle to a drive of the collector’s machine, and says how it was checked',
    async () => {
      const card = page.getByRole('region', { name: 'Export to a drive' });
      await card.getByRole('button', { name: 'Export to STICK' }).click();
      await eventually(() => card.locator('.export-item').textContent(), 60_000).toMatch(
        /Exported.*read back past the cache.*The drive can be pulled out/,
      );
      expect(await card.locator('.export-item').textContent()).toContain('receipt.json');
      await eventually(() => card.textContent()).toContain('No removable drive is mounted');
    },
  );

  test('refuses raw files as the API does, where nobody is named to encrypt them to', async () => {
    await page.goto(`${site.url}/bundles`);
    await page.getByLabel('Event logs, dumps and binary files too').check();
    await page.getByRole('button', { name: 'Create bundle' }).click();
    await eventually(() => page.locator('.bundle-form').textContent()).toContain('no recipients are configured');
    await onlyRefusals();
  });

  test('lists schedules with their next time and what became of the last, as text', async () => {
    await page.goto(`${site.url}/bundles`);
    const card = page.getByRole('region', { name: 'Schedules' });
    await eventually(() => card.textContent()).toContain('Nothing is scheduled');
    await site.api('POST', 'bundle-schedules', {
      name: 'nightly',
      cron: '0 3 * * *',
      preset: 'deep',
      nodes: ['hv-01'],
    });
    await site.api('POST', 'bundle-schedules/nightly/run');
    await page.reload();
    await eventually(() => card.locator('li').textContent(), 30_000).toMatch(
      /nightly0 3 \* \* \* UTC · 24 h each · hv-01 · all roles.*Next .*03:00.*Last .*(Waiting|Gathering|Writing|Partial|Complete)/,
    );
    expect(await card.getByRole('link', { name: 'its bundle' }).getAttribute('href')).toMatch(/bundle=[a-z0-9]+$/);
  });

  test('makes a schedule, and says what is wrong with one that is none', async () => {
    await page.goto(`${site.url}/bundles`);
    const card = page.getByRole('region', { name: 'Schedules' });
    await card.getByRole('button', { name: 'New schedule' }).click();
    await card.getByLabel('Name of the schedule').fill('by-hand');
    await card.getByLabel('Other').first().check();
    await card.getByLabel('When, in words').fill('every day');
    await card.getByRole('button', { name: 'Create schedule' }).click();
    await eventually(() => card.textContent()).toContain('every day');
    await eventually(() => card.locator('[role=alert]').textContent()).toMatch(/cron|field/i);
    await card.getByLabel('When, in words').fill('30 6 * * 1-5');
    await card.getByLabel('4 h', { exact: true }).check();
    const boxes = card.locator('.node-checks input');
    for (let at = 1; at < (await boxes.count()); at++) await boxes.nth(at).uncheck();
    const [first] = await card.locator('.node-checks .strong').allTextContents();
    await card.getByLabel('Roles, with commas between them').fill('system, logs');
    await card.getByLabel('Logs and metrics as Parquet too').check();
    const classes = ['Files of nodes', 'Command outputs', 'Journals of nodes', 'Stored logs', 'Stored metrics'];
    for (const kind of classes) await card.getByLabel(kind).uncheck();
    expect(await card.getByRole('button', { name: 'Create schedule' }).isDisabled()).toBe(true);
    for (const kind of ['Files of nodes', 'Stored logs']) await card.getByLabel(kind).check();
    await card.getByRole('button', { name: 'Create schedule' }).click();
    await eventually(() => card.locator('li', { hasText: 'by-hand' }).textContent()).toMatch(
      new RegExp(`by-hand30 6 \\* \\* 1-5 UTC · 4 h each · ${first} · system, logs · files, logs alone · Parquet`),
    );
    await card.getByRole('button', { name: 'Delete the schedule by-hand' }).click();
    await page.getByRole('button', { name: 'Keep' }).click();
    await card.getByRole('button', { name: 'Delete the schedule by-hand' }).click();
    await page.getByRole('button', { name: 'Delete schedule' }).click();
    await eventually(() => card.locator('li', { hasText: 'by-hand' }).count()).toBe(0);
    await onlyRefusals();
  });

  test('pauses, plays, and says which', async () => {
    await page.goto(`${site.url}/`);
    await page.waitForSelector('.play-live');
    await page.keyboard.press('p');
    expect(await page.locator('.play-paused').textContent()).toMatch(/^Paused \d\d:\d\d:\d\d$/);
    await page.keyboard.press('p');
    await page.waitForSelector('.play-live');
  });

  test('draws under a POSIX locale, whose name is no language tag', async () => {
    const posix = await openWindow(browser);
    await posix.page.addInitScript(() => {
      Object.defineProperty(navigator, 'language', { get: () => 'en-US@posix' });
    });
    await posix.page.goto(await site.signinLink());
    await eventually(() => posix.page.locator('.charts .plot canvas').count()).toBe(4);
    expect(posix.problems).toEqual([]);
    await posix.page.context().close();
  });

  test('fits a telephone and a dark room', async () => {
    const small = await openWindow(browser, { scheme: 'dark', width: 390, height: 844 });
    await small.page.goto(await site.signinLink());
    await small.page.waitForSelector('.header');
    const [bundle] = await site.api<{ id: string }[]>('GET', 'bundles');
    const paths = ['/', '/logs', '/metrics', '/nodes', '/nodes/hv-01', '/bundles', `/bundles?bundle=${bundle?.id}`];
    for (const path of paths) {
      await small.page.goto(`${site.url}${path}`);
      await small.page.waitForSelector('main .card, main .line, main .chart');
      const excess = await small.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect([path, excess]).toEqual([path, 0]);
    }
    expect(small.problems).toEqual([]);
    await small.page.context().close();
  });

  test('says that the collector is gone, keeps what it shows, and recovers by itself', async () => {
    await page.goto(`${site.url}/`);
    await page.waitForSelector('.charts .plot canvas');
    await site.kill();
    await page.getByText('No connection to the collector').waitFor({ timeout: 20_000 });
    expect(await page.locator('table.nodes tbody tr').count()).toBe(3);
    await site.restart();
    await page.getByText('No connection to the collector').waitFor({ state: 'detached', timeout: 30_000 });
    await eventually(() => page.locator('table.nodes tbody tr').count()).toBe(3);
    // The browser itself reports requests that nobody answered; the page must add nothing to that.
    const own = visit.problems.splice(0).filter((problem) => !/Failed to load resource: net::ERR_/.test(problem));
    expect(own).toEqual([]);
  }, 90_000);
});
