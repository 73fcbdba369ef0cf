import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import {
  type Identity,
  identityFolder,
  isEnrolled,
  loadIdentity,
  writeIdentity,
} from '../../../../agent/identity/identity.ts';
import { createRenewal, isDue } from '../../../../agent/identity/renewal.ts';
import { type CollectorClient, createCollectorClient } from '../../../../agent/uplink/client.ts';
import { createTestAuthority, type TestAuthority } from '../uplink/test-authority.ts';
import { createTestCollector, type TestCollector } from '../uplink/test-collector.ts';

const log = pino({ level: 'silent' });
const patient = { timeout: 20_000, interval: 10 };
const dayMs = 86_400_000;
let authority: TestAuthority;
let collector: TestCollector;
let dataDir: string;
let identity: Identity;
let client: CollectorClient;
let renewal: ReturnType<typeof createRenewal> | undefined;

beforeAll(async () => {
  authority = await createTestAuthority();
});
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'sextant-renewal-'));
  collector = await createTestCollector(authority);
  identity = await authority.identity('node-1', collector.url);
  writeIdentity(dataDir, identity);
  client = createCollectorClient({ collectorUrl: collector.url, identity });
  collector.react = async ({ path, body, node }) =>
    path === '/agent/v1/renew' && node === 'node-1'
      ? {
          status: 200,
          body: JSON.stringify({ certificate: await authority.sign(JSON.parse(body.toString()).csr, node) }),
        }
      : undefined;
});
afterEach(async () => {
  await renewal?.close();
  client.close();
  await collector.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const renewWhen = (nowMs: number): Identity[] => {
  const renewed: Identity[] = [];
  renewal = createRenewal(
    { client, nowMs: () => nowMs, log, onRenewed: (next) => renewed.push(next) },
    { dataDir, identity },
  );
  renewal.start();
  return renewed;
};

test('a certificate is due when a third of its life is left', () => {
  const { validToDate, validFromDate } = new X509Certificate(identity.certificate);
  const lifeMs = validToDate.getTime() - validFromDate.getTime();
  expect(isDue(identity.certificate, validToDate.getTime() - lifeMs / 3 - 1000)).toBe(false);
  expect(isDue(identity.certificate, validToDate.getTime() - lifeMs / 3 + 1000)).toBe(true);
});

test('renews with a new key in time, writes it, and the collector takes it', async () => {
  const renewed = renewWhen(Date.now() + 0.9 * dayMs);
  await vi.waitFor(() => expect(renewed).toHaveLength(1), patient);
  const kept = loadIdentity(dataDir);
  expect(kept).toEqual(renewed[0]);
  expect(kept.key).not.toBe(identity.key);
  client.useIdentity(kept);
  await client.request('/v1/logs', { method: 'POST', body: Buffer.from('x') });
  expect(collector.requests.at(-1)?.node).toBe('node-1');
});

test('leaves a young certificate alone', async () => {
  const renewed = renewWhen(Date.now());
  await renewal?.close();
  expect(renewed).toEqual([]);
  expect(collector.requests).toEqual([]);
});

test('keeps what it has when the answer is for another key', async () => {
  const other = await authority.identity('node-1', collector.url);
  collector.react = () => ({ status: 200, body: JSON.stringify({ certificate: other.certificate }) });
  const renewed = renewWhen(Date.now() + 0.9 * dayMs);
  await vi.waitFor(() => expect(collector.requests).toHaveLength(1), patient);
  await renewal?.close();
  expect(renewed).toEqual([]);
  expect(loadIdentity(dataDir)).toEqual(identity);
});

test('an identity is found again after a crash in the middle of its replacement', () => {
  const folder = identityFolder(dataDir);
  renameSync(folder, `${folder}.old`);
  expect(isEnrolled(dataDir)).toBe(true);
  expect(loadIdentity(dataDir)).toEqual(identity);
  writeIdentity(dataDir, identity);
  expect(existsSync(`${folder}.old`)).toBe(false);
});
