import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keptFrames, listKept } from '../../../../agent/collect/kept-file.ts';
import { logRecords } from '../../../../agent/otlp/log-records.ts';
import { listRing } from '../../../../agent/ring/ring-file.ts';
import { patient } from '../../../patience.ts';
import { emitNumbered, type KeptNode, openKeptNode } from './kept-node.ts';

let folder: string;
let node: KeptNode | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sextant-ring-'));
});
afterEach(async () => {
  await node?.close();
  node = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** Numbers of all records that this node still has, in spool and ring. */
async function keptNumbers(): Promise<number[]> {
  const numbers: number[] = [];
  for (const file of await listKept(folder)) {
    if (file.stream.startsWith('metrics')) continue;
    for await (const { payload } of keptFrames(file)) {
      for (const record of logRecords(payload)) numbers.push(Number(record.read().attributes.number));
    }
  }
  return numbers.sort((a, b) => a - b);
}
const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

test('what the collector has acknowledged moves to the ring as it was, and each record is there once', async () => {
  node = await openKeptNode(folder);
  await emitNumbered(node, 0, 3000);
  expect(await node.acknowledge('logs')).toBe(3000);
  await vi.waitFor(() => expect(node?.ring.stats().files).toBeGreaterThan(2), patient);
  expect(await keptNumbers()).toEqual(upTo(3000));
  await node.close();
  // At a stop the segment that was being written goes there as well.
  expect((await readdir(join(folder, 'spool'))).filter((name) => name.endsWith('.segment'))).toEqual([]);
  expect(await keptNumbers()).toEqual(upTo(3000));
  node = undefined;
});

test('what waits for the collector and what it has not are both found', async () => {
  node = await openKeptNode(folder);
  await emitNumbered(node, 0, 1000);
  await node.acknowledge('logs', 3);
  expect(await keptNumbers()).toEqual(upTo(1000));
});

test('beyond half of the ring the oldest is thinned: warnings and what is named stay, and all is accounted for', async () => {
  node = await openKeptNode(folder, { maxBytes: 600_000, keep: ['app.*'] });
  await emitNumbered(node, 0, 200, { scope: 'app.audit' });
  let received = await node.acknowledge('logs');
  for (let from = 200; from < 4200; from += 400) {
    await emitNumbered(node, from, 400);
    received += await node.acknowledge('logs');
    await vi.waitFor(
      async () =>
        expect(
          (await listRing(join(folder, 'ring'))).filter(({ thin }) => !thin).reduce((sum, { bytes }) => sum + bytes, 0),
        ).toBeLessThanOrEqual(300_000),
      patient,
    );
  }
  expect(received).toBe(4200);
  const numbers = await keptNumbers();
  const { thinnedRecords, droppedRecords } = node.ring.stats();
  expect(droppedRecords).toBe(0);
  expect(thinnedRecords).toBeGreaterThan(1000);
  expect(numbers.length + thinnedRecords).toBe(4200);
  expect(numbers).toEqual(expect.arrayContaining(upTo(200)));
  expect(numbers.filter((number) => number % 10 === 0)).toEqual(upTo(420).map((tenth) => tenth * 10));
});

test('a flood costs itself and not the warnings from before; the ring stays within its bytes', async () => {
  node = await openKeptNode(folder, { maxBytes: 400_000 });
  await emitNumbered(node, 0, 2000);
  await node.acknowledge('logs');
  await vi.waitFor(() => expect(node?.ring.stats().thinnedRecords).toBeGreaterThan(0), patient);
  for (let from = 2000; from < 22_000; from += 5000) {
    await emitNumbered(node, from, 5000, { warnEvery: 100_000 });
    await node.acknowledge('logs');
  }
  await vi.waitFor(() => expect(node?.ring.stats().bytes).toBeLessThanOrEqual(400_000), patient);
  await node.close();
  const { droppedRecords, thinnedRecords } = node.ring.stats();
  const numbers = await keptNumbers();
  expect(droppedRecords).toBeGreaterThan(0);
  expect(numbers.length + droppedRecords + thinnedRecords).toBe(22_000);
  expect(numbers).toContain(0);
  node = undefined;
});

test('slices older than the days go, and are counted', async () => {
  let nowMs = Date.UTC(2026, 0, 1);
  node = await openKeptNode(folder, { days: 3, nowMs: () => nowMs });
  await emitNumbered(node, 0, 1000);
  await node.acknowledge('logs');
  await node.close();
  nowMs += 2 * 86_400_000;
  node = await openKeptNode(folder, { days: 3, nowMs: () => nowMs });
  expect(node.ring.stats().oldestDay).toBe('2026-01-01');
  await node.close();
  nowMs += 2 * 86_400_000;
  node = await openKeptNode(folder, { days: 3, nowMs: () => nowMs });
  expect(node.ring.stats()).toMatchObject({ files: 0, droppedRecords: 1000 });
  expect((await readdir(join(folder, 'ring'))).sort()).toEqual(['counters.json']);
});

test('a death in the middle of thinning leaves each record once', async () => {
  node = await openKeptNode(folder);
  await emitNumbered(node, 0, 2000);
  await node.acknowledge('logs');
  await node.close();
  const [first] = await listRing(join(folder, 'ring'));
  if (!first) throw new Error('the ring is empty');
  await copyFile(first.path, first.path.replace(/\.whole$/, '.thin'));
  await writeFile(`${first.path.replace(/\.whole$/, '.thin')}.partial`, 'cut');
  node = await openKeptNode(folder);
  expect(await keptNumbers()).toEqual(upTo(2000));
  expect((await readdir(dirname(first.path))).filter((name) => name.endsWith('.partial'))).toEqual([]);
});

test('a spool that needs the disk takes it from the ring first', async () => {
  node = await openKeptNode(folder);
  await emitNumbered(node, 0, 3000);
  await node.acknowledge('logs');
  await vi.waitFor(() => expect(node?.ring.stats().bytes).toBeGreaterThan(100_000), patient);
  const before = node.ring.stats();
  const freed = await node.ring.makeRoom(1);
  expect(freed).toBeGreaterThan(0);
  expect(node.ring.stats()).toMatchObject({ bytes: before.bytes - freed, droppedFiles: 1 });
});

test('days set to 0 keep nothing, and what was there goes', async () => {
  node = await openKeptNode(folder);
  await emitNumbered(node, 0, 1000);
  await node.acknowledge('logs');
  await node.close();
  node = await openKeptNode(folder, { days: 0 });
  expect(node.ring.stats()).toMatchObject({ files: 0, bytes: 0 });
  await emitNumbered(node, 1000, 1000);
  await node.acknowledge('logs');
  await vi.waitFor(
    () => expect(node?.spool.stats().find(({ stream }) => stream === 'logs')?.bytes).toBeLessThan(70_000),
    patient,
  );
  expect(node.ring.stats().files).toBe(0);
});

test('of metrics thinning leaves a sample of each source a minute', async () => {
  node = await openKeptNode(folder);
  for (let sample = 0; sample < 12; sample++) await node.sample();
  await node.acknowledge('metrics');
  await node.close();
  const [file] = await listRing(join(folder, 'ring'));
  node = await openKeptNode(folder, { maxBytes: (file?.bytes ?? 0) * 1.5 });
  await vi.waitFor(() => expect(node?.ring.stats().thinnedRecords).toBeGreaterThanOrEqual(10), patient);
  expect((await listRing(join(folder, 'ring'))).map(({ thin }) => thin)).toEqual([true]);
});
