import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSpool } from '../../../../agent/spool/spool.ts';
import { createWaitingTimes } from '../../../../agent/spool/waiting-times.ts';

test('tells when the oldest that waits came, to the second', () => {
  const times = createWaitingTimes();
  expect(times.oldestAfter(0)).toBeUndefined();
  for (const [sequence, unixMs] of [
    [1, 10_000],
    [2, 10_400],
    [3, 15_000],
    [4, 16_000],
  ] as const) {
    times.came(sequence, unixMs);
  }
  expect([0, 1, 2, 3].map((acknowledged) => times.oldestAfter(acknowledged))).toEqual([10_000, 10_000, 15_000, 16_000]);
  expect(times.oldestAfter(4)).toBeUndefined();
  times.came(5, 20_000);
  expect(times.oldestAfter(4)).toBe(20_000);
});

test('a day of batches every second keeps the oldest, and is coarse rather than large', () => {
  const times = createWaitingTimes();
  const day = 86_400;
  for (let second = 0; second < day; second += 1) times.came(second + 1, second * 1000);
  expect(times.oldestAfter(0)).toBe(0);
  const half = times.oldestAfter(day / 2) ?? 0;
  expect(Math.abs(half - (day / 2) * 1000)).toBeLessThan(60_000);
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-lag-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the spool tells how long its oldest batch has waited, also after a restart', async () => {
  let now = 1_000_000;
  const open = () =>
    openSpool(
      { folder, streams: { logs: 'normal' }, maxBytes: 1 << 26, minFreeBytes: 0, segmentBytes: 1 << 20 },
      { log: pino({ level: 'silent' }), nowMs: () => now },
    );
  const batch = { payload: Buffer.from('x'), records: 1 };
  let spool = await open();
  const oldest = () => spool.stats().find(({ stream }) => stream === 'logs')?.oldestWaitingUnixMs;
  expect(oldest()).toBeUndefined();
  await spool.append('logs', batch);
  now += 60_000;
  await spool.append('logs', batch);
  expect(oldest()).toBe(1_000_000);
  const reader = spool.reader('logs');
  const first = await reader.next();
  if (first) reader.acknowledge(first);
  expect(oldest()).toBe(1_060_000);
  await spool.close();
  spool = await open();
  // When its file was last written, by the machine's own clock.
  expect(Math.abs((oldest() ?? 0) - Date.now())).toBeLessThan(600_000);
  await spool.close();
});
