import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSpool, type Spool } from '../../../../agent/spool/spool.ts';

const log = pino({ level: 'silent' });
let folder: string;
let spool: Spool;
/** Records and reason of what the spool said it will never deliver. */
let told: [number, string][];

const open = (): Promise<Spool> =>
  openSpool(
    { folder, streams: { logs: 'normal' }, maxBytes: 8 * 1024 * 1024, minFreeBytes: 0, segmentBytes: 64 * 1024 },
    { log, nowMs: Date.now, onDrop: ({ records, reason }) => told.push([records, reason]) },
  );
beforeEach(async () => {
  told = [];
  folder = mkdtempSync(join(tmpdir(), 'sextant-damage-'));
  spool = await open();
});
afterEach(async () => {
  await spool.close();
  rmSync(folder, { recursive: true, force: true });
});

const append = (text: string) =>
  spool.append('logs', { payload: Buffer.from(text), records: 3, bookmarks: { file: text } });

async function drain(): Promise<string[]> {
  const reader = spool.reader('logs');
  const out: string[] = [];
  // A marker at the end says when everything before it was passed.
  await append('END');
  for (;;) {
    const batch = await reader.next();
    if (batch) reader.acknowledge(batch);
    const text = batch?.payload.toString() ?? 'END';
    if (text === 'END') return out;
    out.push(text);
  }
}

/** Overwrites the place where `text` stands in the one segment. */
async function spoil(find: string | Buffer, offset = 0): Promise<void> {
  await spool.close();
  const name = readdirSync(folder).find((each) => each.endsWith('.segment')) ?? '';
  const path = join(folder, name);
  const at = readFileSync(path).indexOf(find) + offset;
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.from('!'), 0, 1, at);
  closeSync(file);
  spool = await open();
}

test('a damaged payload costs that batch, which is kept in quarantine with what is known of it', async () => {
  for (const text of ['one', 'two', 'three']) await append(text);
  await spoil(Buffer.from('two'), 'two'.length - 1);
  // Its bookmark stands beside it: the first `two` is the bookmark, and a damaged bookmark costs no records.
  expect(await drain()).toEqual(['one', 'two', 'three']);
  for (const text of ['four', 'five', 'six']) await spool.append('logs', { payload: Buffer.from(text), records: 3 });
  await spoil('five');
  expect(await drain()).toEqual(['four', 'six']);
  expect(spool.stats()[0]).toMatchObject({ damagedBatches: 1, waitingBatches: 0 });
  expect(told).toEqual([[3, 'damaged on disk; kept in quarantine']]);
  const kept = readdirSync(join(folder, 'quarantine')).find((name) => name.endsWith('.json')) ?? '';
  expect(JSON.parse(readFileSync(join(folder, 'quarantine', kept), 'utf8'))).toMatchObject({
    reason: 'damaged on disk',
    stream: 'logs',
    records: 3,
  });
});

test('a damaged header costs that batch', async () => {
  for (const text of ['one', 'two', 'three']) await append(text);
  await spoil('SXFR', 5);
  expect(await drain()).toEqual(['two', 'three']);
  expect(told).toEqual([[0, 'damaged on disk; kept in quarantine']]);
});

test('a damaged label costs nothing', async () => {
  for (const text of ['one', 'two', 'three']) await append(text);
  await spoil('SXSPOOL', 3);
  expect(await drain()).toEqual(['one', 'two', 'three']);
});

test('a lost checkpoint begins a new epoch and sends what is left under the old one', async () => {
  const { epoch } = spool;
  for (const text of ['one', 'two']) await append(text);
  await spool.close();
  rmSync(join(folder, 'checkpoint'));
  spool = await open();
  expect(spool.epoch).not.toBe(epoch);
  await append('three');
  const reader = spool.reader('logs');
  const found: [string, string, number][] = [];
  for (let i = 0; i < 3; i++) {
    const batch = await reader.next();
    if (!batch) break;
    found.push([batch.payload.toString(), batch.epoch, batch.sequence]);
    reader.acknowledge(batch);
  }
  expect(found).toEqual([
    ['one', epoch, 1],
    ['two', epoch, 2],
    ['three', spool.epoch, 3],
  ]);
});

test('skips the numbers that a lost checkpoint copy may have given away', async () => {
  for (let i = 0; i < 600; i++) await append(`${i}`);
  await spool.close();
  for (const name of readdirSync(folder)) if (name.endsWith('.segment')) rmSync(join(folder, name));
  const path = join(folder, 'checkpoint');
  const { size } = statSync(path);
  const bytes = readFileSync(path);
  const newest = bytes.readBigUInt64LE(8) > bytes.readBigUInt64LE(size / 2 + 8) ? 0 : 1;
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(32), 0, 32, (newest * size) / 2);
  closeSync(file);
  spool = await open();
  expect(await append('next')).toBeGreaterThan(600);
});

test('gives room to others below the free-space floor, oldest first, counted and told', async () => {
  await spool.close();
  const drops: { stream: string; batches: number; records: number; reason: string }[] = [];
  let free = 100 * 1024 * 1024;
  spool = await openSpool(
    {
      folder,
      streams: { logs: 'normal' },
      maxBytes: 64 * 1024 * 1024,
      minFreeBytes: 50 * 1024 * 1024,
      segmentBytes: 1024 * 1024,
    },
    { log, nowMs: Date.now, onDrop: (drop) => drops.push(drop), free: async () => free },
  );
  const payload = Buffer.alloc(500_000, 'x');
  for (let i = 0; i < 40; i++) await spool.append('logs', { payload, records: 5 });
  expect(drops).toEqual([]);
  free = 40 * 1024 * 1024;
  await spool.append('logs', { payload, records: 5 });
  const [stats] = spool.stats();
  expect(stats?.bytes).toBeLessThanOrEqual(10.5 * 1024 * 1024);
  expect(drops.reduce((sum, { records }) => sum + records, 0)).toBe(stats?.droppedRecords);
  expect(drops[0]).toMatchObject({ stream: 'logs', reason: 'free space' });
  expect((stats?.droppedBatches ?? 0) + (stats?.waitingBatches ?? 0)).toBe(41);
});

test('does not drop a batch that is on the wire, and says when one in hand was dropped', async () => {
  await spool.close();
  spool = await openSpool(
    { folder, streams: { logs: 'normal' }, maxBytes: 800_000, minFreeBytes: 0, segmentBytes: 100_000 },
    { log, nowMs: Date.now },
  );
  const payload = Buffer.alloc(60_000, 'x');
  const fill = async () => {
    for (let i = 0; i < 30; i++) await spool.append('logs', { payload, records: 1 });
  };
  await fill();
  const reader = spool.reader('logs');
  const batch = await reader.next();
  if (!batch) throw new Error('nothing to read');
  const release = reader.sending(batch);
  await fill();
  expect(reader.isDropped(batch)).toBe(false);
  release();
  await fill();
  expect(reader.isDropped(batch)).toBe(true);
  const [stats] = spool.stats();
  expect((stats?.droppedBatches ?? 0) + (stats?.waitingBatches ?? 0)).toBe(90);
  expect((await reader.next())?.sequence).toBeGreaterThan(batch.sequence);
});
