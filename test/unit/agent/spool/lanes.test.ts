import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StreamReader } from '../../../../agent/spool/reader.ts';
import { openSpool, type Spool } from '../../../../agent/spool/spool.ts';
import { count } from '../../../long.ts';

const log = pino({ level: 'silent' });
let folder: string;
let spool: Spool;

const open = (at: string) =>
  openSpool(
    {
      folder: at,
      streams: { logs: 'normal' },
      maxBytes: 64 * 1024 * 1024,
      minFreeBytes: 0,
      segmentBytes: 4096,
      lateBytes: 5000,
    },
    { log, nowMs: Date.now },
  );

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-lanes-'));
  spool = await open(join(folder, '0'));
});
afterEach(async () => {
  await spool.close();
  rmSync(folder, { recursive: true, force: true });
});

const append = (number: number) =>
  spool.append('logs', {
    payload: Buffer.from(`${number}:${'x'.repeat(500)}`),
    records: 1,
    bookmarks: { file: String(number) },
  });
const waiting = () => spool.stats().map(({ waitingBatches }) => waitingBatches);

test('new batches pass a backlog as soon as the collector takes batches again', async () => {
  for (let i = 1; i <= 40; i += 1) await append(i);
  expect(waiting()).toEqual([40, 0]);
  const late = spool.reader('logs');
  const first = await late.next();
  if (first) late.acknowledge(first);
  await append(41);
  expect(waiting()).toEqual([39, 1]);
  expect(spool.sequences().map(({ isLate }) => isLate())).toEqual([true, false]);
  expect((await spool.reader('logs-2').next())?.payload.toString()).toMatch(/^41:/);
  expect(spool.position('file')).toBe('41');
});

test('a small backlog is not worth it', async () => {
  for (let i = 1; i <= 5; i += 1) await append(i);
  const reader = spool.reader('logs');
  const first = await reader.next();
  if (first) reader.acknowledge(first);
  await append(6);
  expect(waiting()).toEqual([5, 0]);
});

test('after a restart with a backlog new batches pass it at once', async () => {
  for (let i = 1; i <= 40; i += 1) await append(i);
  await spool.close();
  spool = await open(join(folder, '0'));
  expect(spool.position('file')).toBe('40');
  await append(41);
  expect(waiting()).toEqual([40, 1]);
});

test('a key that was forgotten in one sequence does not come back out of the other', async () => {
  for (let i = 1; i <= 40; i += 1) await append(i);
  const late = spool.reader('logs');
  const first = await late.next();
  if (first) late.acknowledge(first);
  await append(41);
  spool.forget('file');
  await spool.append('logs', { payload: Buffer.from('gone'), records: 1, bookmarks: { file: null } });
  const fresh = spool.reader('logs-2');
  for (let i = 0; i < 2; i += 1) {
    const sent = await fresh.next();
    if (sent) fresh.acknowledge(sent);
  }
  await spool.close();
  spool = await open(join(folder, '0'));
  expect(waiting()).toEqual([39, 0]);
  expect(spool.position('file')).toBeUndefined();
});

test('whatever is appended, delivered and killed: every record arrives once, and none is passed over', {
  timeout: count(30_000, 300_000),
}, async () => {
  let generation = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.record({ append: fc.integer({ min: 1, max: 25 }) }),
          fc.record({ deliver: fc.integer({ min: 1, max: 12 }) }),
          fc.constant('kill' as const),
        ),
        {
          minLength: 3,
          maxLength: 14,
        },
      ),
      async (steps) => {
        await spool.close();
        let at = join(folder, `p${++generation}`);
        spool = await open(at);
        let readers = new Map<string, StreamReader>();
        const highest = new Map<string, number>();
        const arrived: number[] = [];
        let last = 0;

        async function deliver(many: number): Promise<void> {
          for (let i = 0; i < many; i += 1) {
            const ready = spool.stats().filter(({ waitingBatches }) => waitingBatches > 0);
            const { stream } = ready[i % Math.max(1, ready.length)] ?? {};
            if (stream === undefined) return;
            const reader = readers.get(stream) ?? spool.reader(stream);
            readers.set(stream, reader);
            const batch = await reader.next();
            if (!batch) return;
            if (batch.sequence > (highest.get(stream) ?? 0)) {
              highest.set(stream, batch.sequence);
              arrived.push(Number(batch.payload.toString().split(':')[0]));
            }
            reader.acknowledge(batch);
          }
        }
        for (const step of steps) {
          if (step === 'kill') {
            const next = join(folder, `p${++generation}`);
            cpSync(at, next, { recursive: true });
            const old = spool;
            at = next;
            spool = await open(at);
            readers = new Map();
            await old.close();
            // The source goes on where the spool says it was.
            last = Number(spool.position('file') ?? 0);
          } else if ('deliver' in step) await deliver(step.deliver);
          else {
            const numbers = Array.from({ length: step.append }, () => ++last);
            const half = Math.ceil(numbers.length / 2);
            const written = numbers.slice(0, half).map(append);
            await deliver(2);
            await Promise.all([...written, ...numbers.slice(half).map(append)]);
          }
        }
        await deliver(10_000);
        expect([...arrived].sort((a, b) => a - b)).toEqual(Array.from({ length: last }, (_, i) => i + 1));
      },
    ),
    { numRuns: count(20, 500) },
  );
});
