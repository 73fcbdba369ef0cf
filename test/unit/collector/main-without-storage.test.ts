import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { afterAll, expect, test } from 'vitest';
import { startCollector } from '../../../collector/main.ts';
import { loadSettings } from '../../../config/load.ts';
import { startFront } from '../../clickhouse-front/front.ts';
import { silentLog } from './api/site.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'sextant-no-storage-'));
const settingsFor = (url: string) =>
  loadSettings({
    dataDir,
    overrides: { 'collector.port': 0, 'collector.storage.minFreeBytes': 0, 'storage.url': url },
  });
const closers: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
});

test('the collector starts and answers while its ClickHouse server is away, and says what is missing', async () => {
  const gone = await startFront(join(dataDir, 'engine'));
  await gone.close();
  const collector = await startCollector({ dataDir, settings: settingsFor(gone.url), log: silentLog });
  const { url, token, caFile } = JSON.parse(readFileSync(join(dataDir, 'collector', 'endpoint.json'), 'utf8'));
  const dispatcher = new Agent({ connect: { ca: readFileSync(caFile) } });
  const ask = (path: string) =>
    request(`${url}/api/v1/${path}`, { dispatcher, headers: { authorization: `Bearer ${token}` } });

  expect(await (await ask('health')).body.json()).toMatchObject({ ready: true });
  const logs = await ask('logs?since=15m');
  expect(logs.statusCode).toBe(503);
  expect(await logs.body.json()).toMatchObject({ error: { code: 'SX_STORAGE_AWAY' } });
  await dispatcher.close();
  await collector.close();
});

test('the collector does not start on a server that does not fit, and leaves nothing running', async () => {
  const old = await startFront(join(dataDir, 'engine'), { version: '24.3.1.1' });
  closers.push(old.close);
  await expect(startCollector({ dataDir, settings: settingsFor(old.url), log: silentLog })).rejects.toMatchObject({
    code: 'SX_STORAGE_UNFIT',
    exitCode: 2,
  });
  // The folder is free again.
  await expect(startCollector({ dataDir, settings: settingsFor(old.url), log: silentLog })).rejects.toMatchObject({
    code: 'SX_STORAGE_UNFIT',
  });
});
