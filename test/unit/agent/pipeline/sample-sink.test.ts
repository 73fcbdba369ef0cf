import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createClockOffset } from '../../../../agent/control/clock-offset.ts';
import { createMetricBatches } from '../../../../agent/pipeline/metric-batches.ts';
import { createResource } from '../../../../agent/pipeline/resource.ts';
import { createSampleSink } from '../../../../agent/pipeline/sample-sink.ts';
import { openSpool, type Spool } from '../../../../agent/spool/spool.ts';

const log = pino({ level: 'silent' });
const resource = createResource({ serviceVersion: '0.0.0', instanceId: 'instance-1' });
const catalogue = {
  'hw.temperature': ['gauge', 'Cel', 'Temperature.'],
  'hw.errors': ['counter', '{error}', 'Errors.'],
} as const;
const nowMs = () => Date.parse('2026-11-28T10:00:00Z');
const clock = createClockOffset();
let folder: string;
let spool: Spool;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-samples-'));
  spool = await openSpool(
    { folder, streams: { metrics: 'normal' }, maxBytes: 64 * 2 ** 20, minFreeBytes: 0, segmentBytes: 2 ** 20 },
    { log, nowMs: Date.now },
  );
});
afterEach(async () => {
  await spool.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Little-endian nanoseconds, as OTLP's fixed64 fields have them. */
function nanoseconds(iso: string): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(Date.parse(iso)) * 1_000_000n);
  return bytes.toString('latin1');
}

test('a sample is durable once, with the time at which it was measured', async () => {
  const sink = createSampleSink({ batches: createMetricBatches({ spool, resource, clock, nowMs }), nowMs });
  const unixMs = Date.parse('2025-10-27T00:00:00.250Z');
  await sink.report('hardware', catalogue, [
    { metric: 'hw.temperature', value: 41, attributes: { 'hw.id': 'disk/1' }, unixMs },
    { metric: 'hw.errors', value: 3, attributes: { 'error.type': 'media' } },
    { metric: 'hw.temperature', value: Number.NaN },
  ]);
  const batch = await spool.reader('metrics').next();
  expect(batch?.records).toBe(2);
  const text = batch?.payload.toString('latin1') ?? '';
  for (const part of ['hw.temperature', 'Cel', 'disk/1', 'hw.errors', 'media', 'hardware'])
    expect(text).toContain(part);
  expect(text).toContain(nanoseconds('2025-10-27T00:00:00.250Z'));
  expect(text).toContain(nanoseconds('2026-11-28T10:00:00Z'));
});

test('a year of history goes in batches of bounded size', async () => {
  const sink = createSampleSink({ batches: createMetricBatches({ spool, resource, clock, nowMs }), nowMs });
  const samples = Array.from({ length: 4_500 }, (_, day) => ({
    metric: 'hw.temperature' as const,
    value: day,
    unixMs: day,
  }));
  await sink.report('hardware', catalogue, samples);
  const reader = spool.reader('metrics');
  const records: number[] = [];
  for (let read = 0; read < 3; read += 1) {
    const batch = await reader.next();
    if (!batch) break;
    records.push(batch.records);
    reader.acknowledge(batch);
  }
  expect(records).toEqual([2_000, 2_000, 500]);
});
