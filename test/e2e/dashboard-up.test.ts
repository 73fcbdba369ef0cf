import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeInBrowser, eventually, launchBrowser, openWindow, type Visit } from './browser.ts';
import { buildDashboard } from './built-dashboard.ts';
import { type Site, startSite, temporaryFolder } from './running-site.ts';

describeInBrowser('the dashboard of sextant up', () => {
  const { folder, remove } = temporaryFolder();
  const followed = join(folder, 'app.log');
  let site: Site;
  let browser: Browser;
  let visit: Visit;

  beforeAll(async () => {
    buildDashboard();
    writeFileSync(followed, '');
    site = await startSite(join(folder, 'data'), { args: ['--follow', join(folder, '*.log')] });
    browser = await launchBrowser();
    visit = await openWindow(browser);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await site?.stop();
    remove();
  });

  test('opens with the printed link and shows this machine', async () => {
    const { page } = visit;
    await page.goto(site.signinLink);
    await page.locator('table.nodes tbody tr', { hasText: 'Online' }).waitFor();
    expect(visit.problems).toEqual([]);
  });

  // The link works once, so only what comes behind it can be tried again.
  test('is usable in under a second, from the request for the page to the list of nodes', { retry: 2 }, async () => {
    const { page } = visit;
    const startedMs = performance.now();
    await page.goto(`${site.url}/`);
    await page.locator('table.nodes tbody tr').waitFor();
    expect(performance.now() - startedMs).toBeLessThan(1000);
    expect(visit.problems).toEqual([]);
  });

  test('draws what the agent measures: CPU, memory, disk and network of this machine', async () => {
    const { page } = visit;
    await page.goto(`${site.url}/?since=5m`);
    for (const title of ['CPU', 'Memory']) {
      const legend = page.locator(`section.chart[aria-label="${title}"] .legend`);
      await eventually(() => legend.textContent(), 40_000).toMatch(/[\d.]+ %/);
    }
    for (const title of ['Disk', 'Network']) {
      const legend = page.locator(`section.chart[aria-label="${title}"] .legend`);
      await eventually(() => legend.textContent(), 40_000).toMatch(/[\d.]+ (B|[KMG]iB)\/s/);
    }
    expect(visit.problems).toEqual([]);
  }, 90_000);

  test('shows a line that is written to a followed file, without being asked again', async () => {
    const { page } = visit;
    await page.goto(`${site.url}/logs`);
    await page.waitForSelector('.tail-live');
    const needle = `needle ${Date.now()}`;
    appendFileSync(followed, `${needle} in the hay\n`);
    await page.locator('.line', { hasText: needle }).waitFor({ timeout: 60_000 });
    await page.goto(`${site.url}/logs?q=${encodeURIComponent(`"${needle}"`)}`);
    await eventually(() => page.locator('.line').count()).toBe(1);
    expect(visit.problems).toEqual([]);
  });

  test('lists what the agent reads and what the machine is made of', async () => {
    const { page } = visit;
    await page.goto(`${site.url}/nodes`);
    await page.locator('table.nodes tbody a').first().click();
    const part = (name: string) => page.getByRole('region', { name });
    await eventually(() => part('Collection health').locator('tbody tr').count()).toBeGreaterThan(1);
    await part('Inventory').locator('.facts').first().waitFor();
  });

  test('carries a bundle of this machine away', async () => {
    const { page } = visit;
    await page.goto(`${site.url}/bundles`);
    await page.getByLabel('Last 15 min').check();
    await page.getByRole('button', { name: 'Create bundle' }).click();
    const download = page.getByRole('link', { name: /Download/ });
    await download.waitFor({ timeout: 60_000 });
    expect(await page.locator('.bundle-node').count()).toBeGreaterThan(0);
    const [file] = await Promise.all([page.waitForEvent('download'), download.click()]);
    expect(file.suggestedFilename()).toMatch(/\.tar$/);
  }, 90_000);
});
