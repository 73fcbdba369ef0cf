import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Drop } from '../../../../agent/spool/room.ts';
import { openSpool, type Spool } from '../../../../agent/spool/spool.ts';
import { type CollectorClient, createCollectorClient } from '../../../../agent/uplink/client.ts';
import { createUplink, type Uplink } from '../../../../agent/uplink/uplink.ts';
import { createTestAuthority, type TestAuthority } from './test-authority.ts';
import { createTestCollector, type TestCollector } from './test-collector.ts';

const log = pino({ level: 'silent' });
let authority: TestAuthority;
let collector: TestCollector;
let folder: string;
let spool: Spool;
let client: CollectorClient;
let uplink: Uplink;
let drops: Drop[];

beforeAll(async () => {
  authority = await createTestAuthority();
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-uplink-'));
  drops = [];
  collector = await createTestCollector(authority);
  spool = await openSpool(
    {
      folder,
      streams: { logs: 'normal', metrics: 'normal' },
      maxBytes: 16 * 1024 * 1024,
      minFreeBytes: 0,
      segmentBytes: 64 * 1024,
    },
    { log, nowMs: Date.now, onDrop: (drop) => drops.push(drop) },
  );
  client = createCollectorClient({
    collectorUrl: collector.url,
    identity: await authority.identity('node-1', collector.url),
  });
  uplink = createUplink({ client, spool, log }, { maxBackoffMs: 5 });
});
afterEach(async () => {
  await uplink.close();
  client.close();
  await spool.close();
  await collector.close();
  rmSync(folder, { recursive: true, force: true });
});

const send = (text: string, stream = 'logs') => spool.append(stream, { payload: Buffer.from(text), records: 1 });
const waiting = () => spool.stats().reduce((sum, stream) => sum + stream.waitingBatches, 0);
const delivered = (count: number) =>
  vi.waitFor(() => expect([collector.stored.length, waiting()]).toEqual([count, 0]), { timeout: 20_000 });

test('delivers each stream in order with its node, epoch, sequence and checksum', async () => {
  uplink.start();
  await Promise.all([send('a'), send('b'), send('m', 'metrics'), send('c')]);
  await delivered(4);
  expect(collector.stored.filter(({ stream }) => stream === 'logs')).toEqual([
    { stream: 'logs', sequence: 1, epoch: spool.epoch, text: 'a' },
    { stream: 'logs', sequence: 2, epoch: spool.epoch, text: 'b' },
    { stream: 'logs', sequence: 3, epoch: spool.epoch, text: 'c' },
  ]);
  expect(collector.requests.every(({ node }) => node === 'node-1')).toBe(true);
});

test('tries again through 429, 503, 403 and dropped connections without losing, doubling or reordering', async () => {
  const reactions = ['drop', 'store-then-drop', { status: 429 }, { status: 503 }, { status: 403 }, undefined] as const;
  let turn = 0;
  collector.react = () => reactions[turn++ % reactions.length];
  uplink.start();
  const texts = Array.from({ length: 40 }, (_, i) => `batch ${i}`);
  for (const text of texts) await send(text);
  await delivered(texts.length);
  expect(collector.stored.map(({ text }) => text)).toEqual(texts);
  expect(uplink.stats()[0]?.duplicateBatches).toBeGreaterThan(0);
});

test('puts a batch that is refused for good in quarantine and goes on', async () => {
  collector.react = ({ body }) => (body.toString() === 'bad' ? { status: 400, body: 'no' } : undefined);
  uplink.start();
  await Promise.all([send('good'), send('bad'), send('better')]);
  await delivered(2);
  expect(collector.stored.map(({ text }) => text)).toEqual(['good', 'better']);
  expect(spool.stats()[0]).toMatchObject({ rejectedBatches: 1, rejectedRecords: 1 });
  expect(drops).toMatchObject([{ stream: 'logs', records: 1, reason: 'refused by the collector; kept in quarantine' }]);
  expect(readdirSync(join(folder, 'quarantine')).sort()).toEqual(['logs-2.batch', 'logs-2.json']);
});

test('does not talk to a server of another authority', async () => {
  const stranger = await createTestCollector(await createTestAuthority());
  const fooled = createCollectorClient({
    collectorUrl: stranger.url,
    identity: await authority.identity('node-1', stranger.url),
  });
  await expect(fooled.request('/v1/logs', { method: 'POST' })).rejects.toThrow(/certificate/);
  fooled.close();
  await stranger.close();
});
