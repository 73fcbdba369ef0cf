import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Drop } from '../../../../agent/spool/room.ts';
import { openSpool, type Spool } from '../../../../agent/spool/spool.ts';
import { patient } from '../../../patience.ts';

const log = pino({ level: 'silent' });
const KiB = 1024;
let folder: string;
let spool: Spool;
let drops: Drop[];

const open = () =>
  openSpool(
    {
      folder,
      streams: { 'logs-critical': 'critical', logs: 'normal', 'logs-bulk': 'bulk' },
      maxBytes: 800 * KiB,
      minFreeBytes: 0,
      segmentBytes: 50 * KiB,
    },
    { log, nowMs: Date.now, onDrop: (drop) => drops.push(drop) },
  );

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-priority-'));
  drops = [];
  spool = await open();
});
afterEach(async () => {
  await spool.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Ten KiB that two sources share. */
const batch = { payload: Buffer.alloc(10 * KiB), records: 10, sources: { one: 7, two: 3 } };
const fill = async (stream: string, batches: number) => {
  for (let i = 0; i < batches; i += 1) await spool.append(stream, batch);
};
const dropped = () =>
  Object.fromEntries(spool.stats().map(({ stream, droppedBatches }) => [stream, droppedBatches] as const));

test('drops all of the lowest class before anything of the next, and the oldest first', async () => {
  await fill('logs-bulk', 20);
  await fill('logs', 20);
  await fill('logs-critical', 20);
  expect(dropped()).toMatchObject({ logs: 0, 'logs-critical': 0 });
  await fill('logs-critical', 40);
  expect(dropped()['logs-bulk']).toBe(20);
  expect(dropped().logs).toBeGreaterThan(0);
  expect(dropped()['logs-critical']).toBe(0);
  const order = drops.map(({ priority }) => priority);
  expect(order).toEqual([...order].sort((a, b) => (a === b ? 0 : a === 'bulk' ? -1 : 1)));
  const reader = spool.reader('logs');
  expect((await reader.next())?.sequence).toBe((dropped().logs ?? 0) + 1);
});

test('counts what it dropped by source, over a restart too', async () => {
  await fill('logs-bulk', 100);
  const before = spool.stats().find(({ stream }) => stream === 'logs-bulk');
  const batches = before?.droppedBatches ?? 0;
  expect(batches).toBeGreaterThan(0);
  expect(before?.droppedBySource).toEqual({ one: 7 * batches, two: 3 * batches });
  expect(drops.reduce((sum, { sources }) => sum + (sources.one ?? 0), 0)).toBe(7 * batches);
  await spool.close();
  spool = await open();
  expect(spool.stats().find(({ stream }) => stream === 'logs-bulk')?.droppedBySource).toEqual(before?.droppedBySource);
});

test('counts only what was not acknowledged when a half delivered segment is dropped', async () => {
  await fill('logs-bulk', 8);
  const reader = spool.reader('logs-bulk');
  for (let i = 0; i < 2; i += 1) {
    const sent = await reader.next();
    if (sent) reader.acknowledge(sent);
  }
  await fill('logs-critical', 75);
  const stats = spool.stats().find(({ stream }) => stream === 'logs-bulk');
  expect(stats?.droppedBatches).toBe(2);
  expect(stats?.droppedBySource).toEqual({ one: 14, two: 6 });
});

test('lets a low class wait rather than drop what matters more, and goes on when there is room', async () => {
  await fill('logs-critical', 79);
  let written = false;
  const waiting = spool.append('logs-bulk', batch).then(() => {
    written = true;
  });
  await expect.poll(() => spool.blockedBy(), patient).toBe('the spool is full of what matters more');
  expect(written).toBe(false);
  expect(dropped()['logs-critical']).toBe(0);
  const reader = spool.reader('logs-critical');
  for (let i = 0; i < 20; i += 1) {
    const sent = await reader.next();
    if (sent) reader.acknowledge(sent);
  }
  await waiting;
  expect(dropped()['logs-critical']).toBe(0);
});

test('a stream of another class is dropped and sent as such at once, what waits in it too', async () => {
  await fill('logs', 30);
  const classOf = () => spool.sequences().find(({ name }) => name === 'logs')?.priority;
  const sequence = spool.sequences().find(({ name }) => name === 'logs');
  expect(classOf()).toBe('normal');
  spool.useClass('logs', 'bulk');
  expect([classOf(), sequence?.priority]).toEqual(['bulk', 'bulk']);
  spool.useClass('logs-bulk', 'normal');
  await fill('logs-bulk', 55);
  expect(dropped().logs).toBeGreaterThan(0);
  expect(dropped()['logs-bulk']).toBe(0);
  expect(drops[0]).toMatchObject({ stream: 'logs', priority: 'bulk' });
});

test('stays below its cap while all streams write at once', async () => {
  const used = () => spool.stats().reduce((sum, { bytes }) => sum + bytes, 0);
  let most = 0;
  const write = async (stream: string) => {
    for (let i = 0; i < 150; i += 1) {
      await spool.append(stream, batch);
      most = Math.max(most, used());
    }
  };
  // Critical ones fit below the cap together: nothing ever waits for room.
  await fill('logs-critical', 20);
  await Promise.all([write('logs'), write('logs-bulk'), write('logs'), write('logs-bulk')]);
  expect(most).toBeLessThanOrEqual(800 * KiB);
  expect(most).toBeGreaterThan(700 * KiB);
  expect(dropped()['logs-critical']).toBe(0);
});
