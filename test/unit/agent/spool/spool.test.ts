import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openSpool, type Spool, type SpoolOptions } from '../../../../agent/spool/spool.ts';
import { collectGarbage } from '../../../collect-garbage.ts';
import { patient } from '../../../patience.ts';

const log = pino({ level: 'silent' });
let folder: string;
let open: Spool[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-spool-'));
});
afterEach(async () => {
  for (const spool of open) await spool.close();
  open = [];
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Partial<SpoolOptions> = {}): Promise<Spool> {
  const spool = await openSpool(
    {
      folder,
      streams: { logs: 'normal', metrics: 'normal' },
      maxBytes: 8 * 1024 * 1024,
      minFreeBytes: 0,
      segmentBytes: 64 * 1024,
      ...options,
    },
    { log, nowMs: Date.now },
  );
  open.push(spool);
  return spool;
}

const stop = async (spool: Spool): Promise<void> => {
  open = open.filter((other) => other !== spool);
  await spool.close();
};

const batch = (text: string, bookmarks?: Record<string, string | null>) => ({
  payload: Buffer.from(text),
  records: 1,
  ...(bookmarks && { bookmarks }),
});

async function drain(spool: Spool, stream: string, many: number): Promise<[number, string][]> {
  const reader = spool.reader(stream);
  const out: [number, string][] = [];
  while (out.length < many) {
    const found = await reader.next();
    if (found === undefined) break;
    out.push([found.sequence, found.payload.toString()]);
    reader.acknowledge(found);
  }
  return out;
}

test('hands out batches in the order of their sequences', async () => {
  const spool = await start();
  const sequences = await Promise.all(['a', 'b', 'c'].map((text) => spool.append('logs', batch(text))));
  expect(sequences).toEqual([1, 2, 3]);
  expect(await drain(spool, 'logs', 3)).toEqual([
    [1, 'a'],
    [2, 'b'],
    [3, 'c'],
  ]);
});

test('keeps what was not acknowledged over a restart, and the numbers go on', async () => {
  const first = await start();
  for (const text of ['a', 'b', 'c']) await first.append('logs', batch(text));
  await drain(first, 'logs', 1);
  await stop(first);
  const second = await start();
  expect(second.epoch).toBe(first.epoch);
  expect(await second.append('logs', batch('d'))).toBe(4);
  expect(await drain(second, 'logs', 3)).toEqual([
    [2, 'b'],
    [3, 'c'],
    [4, 'd'],
  ]);
});

test('goes on numbering when every segment was acknowledged and removed', async () => {
  const first = await start();
  for (const text of ['a', 'b']) await first.append('logs', batch(text));
  await drain(first, 'logs', 2);
  await stop(first);
  expect(readdirSync(folder).filter((name) => name.endsWith('.segment'))).toEqual([]);
  const second = await start();
  expect(await second.append('logs', batch('c'))).toBe(3);
});

test('remembers positions from acknowledged and from waiting batches', async () => {
  const first = await start();
  await first.append('logs', batch('a', { one: '10', two: '5' }));
  await drain(first, 'logs', 1);
  await first.append('logs', batch('b', { one: '20' }));
  expect(first.position('one')).toBe('20');
  await stop(first);
  const second = await start();
  expect(second.position('one')).toBe('20');
  expect(second.position('two')).toBe('5');
  second.forget('two');
  expect(second.position('two')).toBeUndefined();
  await second.append('logs', batch('c', { two: null }));
  await stop(second);
  const third = await start();
  expect(third.position('two')).toBeUndefined();
});

test('a position that was forgotten does not come back with a batch that was on its way', async () => {
  const spool = await start();
  await spool.append('logs', batch('a', { file: '10' }));
  const onItsWay = [batch('b', { file: '20', unknown: '1' }), batch('c', { file: '30' })].map((one) =>
    spool.append('logs', one),
  );
  spool.forget('file');
  spool.forget('unknown');
  await Promise.all(onItsWay);
  expect(spool.position('file')).toBeUndefined();
  expect(spool.position('unknown')).toBeUndefined();
  await spool.append('logs', batch('d', { file: null, unknown: null }));
  expect(spool.position('file')).toBeUndefined();
  await spool.append('logs', batch('e', { file: '5' }));
  expect(spool.position('file')).toBe('5');
});

test('drops the oldest segments at the cap and counts their records', async () => {
  const spool = await start({ maxBytes: 1024 * 1024 });
  const payload = Buffer.alloc(40_000, 'x');
  for (let i = 0; i < 60; i++) await spool.append('logs', { payload, records: 10 });
  const [logs] = spool.stats();
  expect(logs?.bytes).toBeLessThanOrEqual(1024 * 1024);
  expect(logs?.droppedBatches).toBeGreaterThan(30);
  expect(logs?.droppedRecords).toBe((logs?.droppedBatches ?? 0) * 10);
  expect((logs?.waitingBatches ?? 0) + (logs?.droppedBatches ?? 0)).toBe(60);
});

test('tells how many numbers before a batch carried no record, and never counts what it dropped among them', async () => {
  const first = await start({ maxBytes: 1024 * 1024 });
  const positions = { payload: new Uint8Array(0), records: 0, bookmarks: { one: '1' } };
  await first.append('logs', batch('a'));
  for (let i = 0; i < 3; i++) await first.append('logs', positions);
  await first.append('logs', batch('b'));
  await first.append('logs', positions);
  const reader = first.reader('logs');
  for (const [sequence, emptyBefore] of [
    [1, 0],
    [5, 3],
  ]) {
    const found = await reader.next();
    expect(found).toMatchObject({ sequence, emptyBefore });
    if (found) reader.acknowledge(found);
  }
  await stop(first);
  const second = await start({ maxBytes: 1024 * 1024 });
  await second.append('logs', batch('c'));
  const again = second.reader('logs');
  expect(await again.next()).toMatchObject({ sequence: 7, emptyBefore: 1 });

  const payload = Buffer.alloc(40_000, 'x');
  for (let i = 0; i < 60; i++) await second.append('logs', { payload, records: 10 });
  expect(second.stats()[0]?.droppedBatches).toBeGreaterThan(30);
  const next = await again.next();
  expect(next?.sequence).toBeGreaterThan(30);
  expect(next?.emptyBefore).toBe(0);
});

test('keeps its files to itself', async () => {
  const spool = await start();
  await spool.append('logs', batch('a'));
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
});

test('a reader lets go of the buffer of a large batch once nothing waits, and not of one that is on its way', async () => {
  const spool = await start();
  const reader = spool.reader('logs');
  const payload = Buffer.from('x'.repeat(4_000_000));
  await spool.append('logs', { payload, records: 1 });
  const readLarge = async (): Promise<WeakRef<ArrayBufferLike>> => {
    const found = await reader.next();
    spool.giveBack();
    expect(found?.payload.equals(payload)).toBe(true);
    if (found === undefined) throw new Error('there is no batch');
    reader.acknowledge(found);
    return new WeakRef(found.payload.buffer);
  };
  const buffer = await readLarge();
  spool.giveBack();
  await new Promise(setImmediate);
  collectGarbage();
  expect(buffer.deref()?.byteLength).toBeGreaterThanOrEqual(4_000_000);
  const next = reader.next();
  await vi.waitFor(() => {
    spool.giveBack();
    collectGarbage();
    expect(buffer.deref() === undefined).toBe(true);
  }, patient);
  await spool.append('logs', batch('after it'));
  expect((await next)?.payload.toString()).toBe('after it');
});
