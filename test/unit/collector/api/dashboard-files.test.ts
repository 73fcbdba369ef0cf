import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dashboardFiles } from '../../../../collector/api/dashboard-files.ts';
import { startSite } from './site.ts';

function builtFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-dashboard-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Sextant</title>');
  writeFileSync(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(join(folder, 'assets', 'index-abc123.js'), 'export {};');
  writeFileSync(join(folder, 'secret.txt'), 'not for the browser');
  return folder;
}

const site = async (folder = builtFolder()) => startSite({ plugins: [dashboardFiles({ folder })] });

test('sends the page with the policy that the dashboard is tested under', async () => {
  const { call } = await site();
  const { status, headers, body } = await call('GET', '/');
  expect(status).toBe(200);
  expect(body).toContain('<title>Sextant</title>');
  expect(headers['content-security-policy']).toBe(
    "default-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self';font-src 'self';" +
      "base-uri 'none';form-action 'self';frame-ancestors 'none';require-trusted-types-for 'script';trusted-types 'none'",
  );
  expect(headers['cache-control']).toBe('no-store');
  expect(headers['x-content-type-options']).toBe('nosniff');
});

test('sets no HSTS: a certificate of the site’s own CA must stay something a person can look at', async () => {
  const { call } = await site();
  expect((await call('GET', '/')).headers['strict-transport-security']).toBeUndefined();
});

test('lets a browser keep files with a hash in their names', async () => {
  const { call } = await site();
  const { status, headers } = await call('GET', '/assets/index-abc123.js');
  expect(status).toBe(200);
  expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(headers['content-type']).toContain('javascript');
});

test('answers addresses of the app with the page', async () => {
  const { call } = await site();
  for (const path of ['/logs?q=error', '/nodes/hv-01', '/bundles', '/secret.txt']) {
    const { status, body } = await call('GET', path);
    expect([path, status]).toEqual([path, 200]);
    expect(body).toContain('<title>Sextant</title>');
  }
});

test('answers neither a missing asset nor an unknown API path with the page', async () => {
  const { call } = await site();
  expect((await call('GET', '/assets/index-old.js')).status).toBe(404);
  expect((await call('GET', '/assets/../secret.txt')).body).not.toContain('not for the browser');
  expect((await call('GET', '/assets/%2e%2e/secret.txt')).body).not.toContain('not for the browser');
  expect((await call('GET', '/api/v1/nothing')).status).toBe(401);
});

test('says how to build the dashboard when it has not been built', async () => {
  const { call } = await site(mkdtempSync(join(tmpdir(), 'sextant-unbuilt-')));
  const { status, headers, body } = await call('GET', '/');
  expect(status).toBe(503);
  expect(headers['content-type']).toContain('text/html');
  expect(body).toContain('npm run build:dashboard');
  expect((await call('GET', '/assets/index-abc123.js')).status).toBe(404);
});
