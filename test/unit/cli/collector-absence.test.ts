import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import type { BundleCreateOptions } from '../../../cli/bundle.ts';
import { collectorAbsence } from '../../../cli/collector-absence.ts';
import { lockFolder } from '../../../durable/folder-lock.ts';
import { localToken, startSite } from '../collector/api/site.ts';

/** The data folder of a collector that answers at `url`. */
async function site() {
  const bundles = async (app: FastifyInstance) => {
    app.get('/api/v1/bundles', async () => []);
  };
  const { folder: dataDir, port } = await startSite({ plugins: [bundles] });
  const folder = join(dataDir, 'collector');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'state.db'), '');
  const tell = (url: string): void =>
    writeFileSync(
      join(folder, 'endpoint.json'),
      JSON.stringify({ url, token: localToken, caFile: join(dataDir, 'ca', 'ca.crt'), pid: process.pid }),
    );
  return { dataDir, folder, url: `https://127.0.0.1:${port}`, tell };
}
const gone = 'https://127.0.0.1:1';
const asked = (dataDir: string): BundleCreateOptions => ({ dataDir, offline: false }) as BundleCreateOptions;

test.each([true, false])(
  'waits for a collector that is just starting (address of the one before it: %s)',
  async (old) => {
    const { dataDir, folder, url, tell } = await site();
    const lock = lockFolder(folder, { role: 'sextant collector', nowMs: Date.now() });
    if (old) tell(gone);
    setTimeout(() => tell(url), 700);
    expect(await collectorAbsence(asked(dataDir))).toBeUndefined();
    lock.close();
  },
);

test('waits for one that died under `sextant up`, which starts it again', async () => {
  const { dataDir, url, tell } = await site();
  const lock = lockFolder(join(dataDir, 'up'), { role: 'sextant up', nowMs: Date.now() });
  tell(gone);
  setTimeout(() => tell(url), 700);
  expect(await collectorAbsence(asked(dataDir))).toBeUndefined();
  lock.close();
});

test('does not wait where nobody holds the folder', async () => {
  const { dataDir, tell } = await site();
  tell(gone);
  const startedMs = performance.now();
  expect(await collectorAbsence(asked(dataDir))).toEqual({ because: 'the collector is not running' });
  expect(performance.now() - startedMs).toBeLessThan(5000);
});

test('gives one that holds the folder ten seconds', async () => {
  const { dataDir, folder, tell } = await site();
  const lock = lockFolder(folder, { role: 'sextant collector', nowMs: Date.now() });
  tell(gone);
  const startedMs = performance.now();
  expect(await collectorAbsence(asked(dataDir))).toEqual({
    because: expect.stringMatching(/^sextant collector .* holds the folder and does not answer within 10 s$/),
  });
  expect(performance.now() - startedMs).toBeGreaterThan(9900);
  lock.close();
}, 20_000);
