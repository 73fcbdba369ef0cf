import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { openSpool, type Spool } from '../../agent/spool/spool.ts';
import { count } from '../long.ts';
import { patient } from '../patience.ts';

const canMount = process.platform === 'linux' && process.getuid?.() === 0;
if (!canMount) process.stderr.write('SKIPPED: the full-disk tests need root, to mount a small tmpfs\n');

const log = pino({ level: 'silent' });
const KiB = 1024;

async function onSmallDisk(bytes: number, body: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-small-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  try {
    await body(folder);
  } finally {
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  }
}

const open = (folder: string): Promise<Spool> =>
  openSpool(
    {
      folder,
      streams: { logs: 'normal', metrics: 'normal' },
      maxBytes: 64 * KiB * KiB,
      minFreeBytes: 0,
      segmentBytes: 64 * KiB,
    },
    { log, nowMs: Date.now },
  );
const logs = (spool: Spool) => spool.stats()[0];

test.skipIf(!canMount)(
  'waits on a full disk, loses nothing, and goes on when the collector has made room',
  async () => {
    await onSmallDisk(1024 * KiB, async (disk) => {
      const spool = await open(join(disk, 'spool'));
      const payload = (i: number) => Buffer.from(`${i}:${'x'.repeat(10_000)}`);
      const total = 300;
      let durable = 0;
      const appends = Array.from({ length: total }, (_, i) =>
        spool.append('logs', { payload: payload(i), records: 1, bookmarks: { n: String(i) } }).then(() => {
          durable += 1;
        }),
      );
      await vi.waitFor(() => expect(spool.blockedBy()).toMatch(/ENOSPC/), patient);
      expect(durable).toBeLessThan(total);
      expect(Number(spool.position('n'))).toBe(durable - 1);
      const reader = spool.reader('logs');
      for (let i = 0; i < total; i++) {
        const batch = await reader.next();
        expect(Number.parseInt(batch?.payload.toString('latin1') ?? '', 10)).toBe(i);
        if (batch) reader.acknowledge(batch);
      }
      await Promise.all(appends);
      expect(spool.blockedBy()).toBeUndefined();
      expect(logs(spool)).toMatchObject({ droppedBatches: 0, damagedBatches: 0, waitingBatches: 0 });
      await spool.close();
    });
  },
  60_000,
);

test.skipIf(!canMount)(
  'goes on by itself when somebody else has filled the disk and frees it again',
  async () => {
    await onSmallDisk(1024 * KiB, async (disk) => {
      const spool = await open(join(disk, 'spool'));
      await spool.append('logs', { payload: Buffer.from('before'), records: 1 });
      const hog = join(disk, 'hog');
      expect(() => writeFileSync(hog, Buffer.alloc(2048 * KiB))).toThrow(/ENOSPC/);
      const waiting = spool.append('logs', { payload: Buffer.alloc(20_000, 'x'), records: 1 });
      await vi.waitFor(() => expect(spool.blockedBy()).toMatch(/ENOSPC/), patient);
      rmSync(hog);
      expect(await waiting).toBe(2);
      expect(logs(spool)).toMatchObject({ waitingBatches: 2, droppedBatches: 0 });
      await spool.close();
    });
  },
  60_000,
);

test.skipIf(!canMount)(
  'starts, reads and removes on a disk without a free byte',
  async () => {
    await onSmallDisk(1024 * KiB, async (disk) => {
      const folder = join(disk, 'spool');
      const first = await open(folder);
      for (let i = 0; i < 20; i++) {
        await first.append('logs', { payload: Buffer.alloc(10_000, 'x'), records: 1, bookmarks: { n: String(i) } });
      }
      await first.close();
      expect(() => writeFileSync(join(disk, 'hog'), Buffer.alloc(2048 * KiB))).toThrow(/ENOSPC/);
      const second = await open(folder);
      const reader = second.reader('logs');
      for (let i = 0; i < 20; i++) {
        const batch = await reader.next();
        if (batch) reader.acknowledge(batch);
      }
      await second.close();
      expect(readdirSync(folder).filter((name) => name.endsWith('.segment'))).toEqual([]);
      const third = await open(folder);
      expect(third.position('n')).toBe('19');
      expect(await third.append('logs', { payload: Buffer.from('next'), records: 1 })).toBe(21);
      await third.close();
    });
  },
  60_000,
);

test.skipIf(!canMount)(
  'keeps every promise while the disk fills and empties at random',
  async () => {
    await onSmallDisk(768 * KiB, async (disk) => {
      const hog = join(disk, 'hog');
      let spool = await open(join(disk, 'spool'));
      const delivered: number[] = [];
      const total = count(150, 3000);
      let produced = 0;
      while (delivered.length < total) {
        const reader = spool.reader('logs');
        const from = Number(spool.position('n') ?? -1) + 1;
        produced = from;
        const appends: Promise<unknown>[] = [];
        for (let i = 0; i < 25 && produced < total; i++, produced++) {
          const payload = Buffer.from(`${produced}:${'x'.repeat(Math.floor(Math.random() * 20_000))}`);
          const append = spool.append('logs', { payload, records: 1, bookmarks: { n: String(produced) } });
          appends.push(append.catch(() => undefined));
        }
        if (Math.random() < 0.5) {
          try {
            writeFileSync(hog, Buffer.alloc(Math.floor(Math.random() * 1024) * KiB));
          } catch {
            // Full is what is wanted.
          }
        }
        await Promise.race([Promise.all(appends), new Promise((resolve) => setTimeout(resolve, 100))]);
        const most = Math.floor(Math.random() * 40);
        for (let i = 0; i < most && (logs(spool)?.waitingBatches ?? 0) > 0; i++) {
          const batch = await reader.next();
          if (batch === undefined) break;
          delivered.push(Number.parseInt(batch.payload.toString('latin1'), 10));
          reader.acknowledge(batch);
        }
        if (Math.random() < 0.5) rmSync(hog, { force: true });
        await reader.close();
        await spool.close().catch(() => undefined);
        spool = await open(join(disk, 'spool'));
      }
      await spool.close().catch(() => undefined);
      // A checkpoint that found no room at close means that some are handed out again, under the same number.
      expect([...new Set(delivered)]).toEqual(Array.from({ length: total }, (_, i) => i));
    });
  },
  300_000,
);
