import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { describe, expect } from 'vitest';

/** Debian's package, which `npm test` installs where it may. */
const executablePath = '/usr/bin/chromium';

const flags = [
  '--no-sandbox',
  // As if the site's CA were trusted. Playwright's own `ignoreHTTPSErrors` answers for pages and for its own requests: a
  // download that needs a new connection was cancelled for its certificate.
  '--ignore-certificate-errors',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** `describe` for tests that need a browser. Without one they do not run, and say so where nobody can miss it. */
export function describeInBrowser(name: string, tests: () => void): void {
  if (existsSync(executablePath)) {
    describe(name, tests);
    return;
  }
  process.stderr.write(
    `\n!!! ${name}: NOT TESTED. There is no ${executablePath}; install it (apt-get install chromium) and run again.\n\n`,
  );
  describe.skip(name, tests);
}

/** As `expect.poll`, with the patience of a machine that runs other tests at the same time. */
export const eventually = <T>(read: () => T | Promise<T>, withinMs = 15_000) =>
  expect.poll(read, { timeout: withinMs, interval: 50 });

export const launchBrowser = (): Promise<Browser> => chromium.launch({ executablePath, args: flags });

export interface Visit {
  page: Page;
  /** Every console message and uncaught error so far. A clean page has none. */
  problems: string[];
}

/** A window of its own, without cookies. */
export async function openWindow(
  browser: Browser,
  look: { scheme?: 'light' | 'dark'; width?: number; height?: number } = {},
): Promise<Visit> {
  const { scheme = 'light', width = 1440, height = 1000 } = look;
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    colorScheme: scheme,
    viewport: { width, height },
    // Times are shown in the zone of the browser, which would be that of whoever runs the tests.
    timezoneId: 'UTC',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const problems: string[] = [];
  page.on('console', (message) => problems.push(`${message.type()}: ${message.text()} (${message.location().url})`));
  page.on('pageerror', (error) => problems.push(`error: ${error.stack ?? error.message}`));
  return { page, problems };
}
