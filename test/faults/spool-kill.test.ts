import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { openSpool } from '../../agent/spool/spool.ts';
import { count } from '../long.ts';

const writer = fileURLToPath(new URL('spool-writer.ts', import.meta.url));
const parent = mkdtempSync(join(tmpdir(), 'sextant-kill-'));
const folder = join(parent, 'spool');
afterEach(() => rmSync(parent, { recursive: true, force: true }));

/** Runs the writer, kills it after `promises` answers and a random moment, returns what it was promised. */
function writeUntilKilled(promises: number): Promise<{ promised: Map<number, number>; position: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ promised: Map<number, number>; position: number }>();
  const child = spawn(process.execPath, [writer, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  let lines = 0;
  let dying = false;
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
    lines += chunk.toString().split('\n').length - 1;
    if (lines < promises || dying) return;
    dying = true;
    setTimeout(() => child.kill('SIGKILL'), Math.random() * 20);
  });
  child.on('error', reject);
  child.on('close', () => {
    const whole = output.slice(0, output.lastIndexOf('\n')).split('\n');
    const position = Number(whole.shift()?.split(' ')[1]);
    resolve({ promised: new Map(whole.map((line) => line.split(' ').map(Number) as [number, number])), position });
  });
  return promise;
}

test('a process killed at any instant has every promised batch once, in order, and never reuses a number', async () => {
  const promised = new Map<number, number>();
  const delivered = new Map<number, number>();
  const numbers: number[] = [];
  let highest = 0;
  for (let round = 0; round < count(10, 300); round++) {
    const run = await writeUntilKilled(1 + Math.floor(Math.random() * 150));
    // Where the source goes on is never behind a promise.
    expect(run.position).toBeGreaterThanOrEqual(Math.max(-1, ...promised.keys()));
    for (const [number, sequence] of run.promised) promised.set(number, sequence);

    const spool = await openSpool(
      { folder, streams: { logs: 'normal' }, maxBytes: 512 * 1024 * 1024, minFreeBytes: 0, segmentBytes: 256 * 1024 },
      { log: pino({ level: 'silent' }), nowMs: Date.now },
    );
    const reader = spool.reader('logs');
    // Some rounds read all, some leave a rest behind for the next.
    const most = round % 3 === 0 ? 20 : Number.POSITIVE_INFINITY;
    for (let i = 0; i < most && (spool.stats()[0]?.waitingRecords ?? 0) > 0; i++) {
      const batch = await reader.next();
      if (batch === undefined) break;
      const number = Number.parseInt(batch.payload.toString('latin1'), 10);
      expect(batch.sequence).toBeGreaterThan(highest);
      // What lies between carried positions alone, or was set aside by one that was killed: nothing that is missing.
      expect(batch.emptyBefore).toBe(batch.sequence - highest - 1);
      highest = batch.sequence;
      delivered.set(batch.sequence, number);
      numbers.push(number);
      reader.acknowledge(batch);
    }
    expect(spool.stats()[0]).toMatchObject({ damagedBatches: 0, droppedBatches: 0 });
    await spool.close();
  }
  const last = await openSpool(
    { folder, streams: { logs: 'normal' }, maxBytes: 512 * 1024 * 1024, minFreeBytes: 0, segmentBytes: 256 * 1024 },
    { log: pino({ level: 'silent' }), nowMs: Date.now },
  );
  const reader = last.reader('logs');
  while ((last.stats()[0]?.waitingRecords ?? 0) > 0) {
    const batch = await reader.next();
    if (batch === undefined) break;
    delivered.set(batch.sequence, Number.parseInt(batch.payload.toString('latin1'), 10));
    numbers.push(Number.parseInt(batch.payload.toString('latin1'), 10));
    reader.acknowledge(batch);
  }
  await last.close();
  for (const [number, sequence] of promised) expect(delivered.get(sequence)).toBe(number);
  // Each number once and none left out: what the source was told to go on from fits what is stored.
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => i));
  expect(numbers.length).toBeGreaterThanOrEqual(promised.size);
}, 600_000);
