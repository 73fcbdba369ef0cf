import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createClockOffset } from '../../../../agent/control/clock-offset.ts';
import { createClockAttributes } from '../../../../agent/pipeline/clock-attributes.ts';
import { createLogPipeline } from '../../../../agent/pipeline/log-pipeline.ts';
import { createMetricBatches } from '../../../../agent/pipeline/metric-batches.ts';
import { createMetricPipeline } from '../../../../agent/pipeline/metric-pipeline.ts';
import { createResource } from '../../../../agent/pipeline/resource.ts';
import { openSpool, type Spool } from '../../../../agent/spool/spool.ts';
import { patient } from '../../../patience.ts';

const log = pino({ level: 'silent' });
const resource = createResource({ serviceVersion: '0.0.0', instanceId: 'instance-1' });
const clock = createClockOffset();
const clockAttributes = createClockAttributes(clock);
let folder: string;
let spool: Spool;

const open = () =>
  openSpool(
    {
      folder,
      streams: { logs: 'normal', metrics: 'normal' },
      maxBytes: 64 * 1024 * 1024,
      minFreeBytes: 0,
      segmentBytes: 1024 * 1024,
    },
    { log, nowMs: Date.now },
  );
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-pipeline-'));
  spool = await open();
});
afterEach(async () => {
  await spool.close();
  rmSync(folder, { recursive: true, force: true });
});
const waiting = (stream: string) => spool.stats().find((stats) => stats.stream === stream);

test('makes records and their position durable together when the batch is old enough', async () => {
  const pipeline = createLogPipeline(
    { spool, resource, clockAttributes, log },
    { stream: 'logs', maxBytes: 1024 * 1024, maxAgeMs: 20 },
  );
  pipeline.logger('files').emit({ body: 'one' });
  pipeline.logger('files').emit({ body: 'two' });
  pipeline.mark('file', '8');
  expect(pipeline.position('file')).toBeUndefined();
  await vi.waitFor(() => expect(pipeline.position('file')).toBe('8'), patient);
  expect(waiting('logs')).toMatchObject({ waitingBatches: 1, waitingRecords: 2 });
  const batch = await spool.reader('logs').next();
  expect(batch?.payload.toString()).toContain('instance-1');
  expect(batch?.payload.toString()).toContain('two');
});

test('makes a position durable that no record came with, and one that is forgotten', async () => {
  const pipeline = createLogPipeline(
    { spool, resource, clockAttributes, log },
    { stream: 'logs', maxBytes: 1024 * 1024, maxAgeMs: 20 },
  );
  pipeline.mark('file', '8');
  await vi.waitFor(() => expect(pipeline.position('file')).toBe('8'), patient);
  pipeline.forget('file');
  const written = waiting('logs')?.waitingBatches ?? 0;
  await vi.waitFor(() => expect(waiting('logs')?.waitingBatches).toBe(written + 1), patient);
  await spool.close();
  spool = await open();
  expect(spool.position('file')).toBeUndefined();
});

test('cuts a batch at its size and makes a source wait when the disk does not keep up', async () => {
  const pipeline = createLogPipeline(
    { spool, resource, clockAttributes, log },
    { stream: 'logs', maxBytes: 16 * 1024, maxAgeMs: 60_000 },
  );
  const logger = pipeline.logger('files');
  const body = 'x'.repeat(1000);
  let emitted = 0;
  let late = 0;
  for (; emitted < 1000; ) {
    for (let i = 0; i < 10; i++, emitted++) logger.emit({ body });
    pipeline.mark('file', String(emitted));
    const before = performance.now();
    await pipeline.ready();
    if (performance.now() - before > 0.05) late += 1;
  }
  await pipeline.close();
  expect(late).toBeGreaterThan(0);
  expect(pipeline.position('file')).toBe('1000');
  expect(waiting('logs')?.waitingRecords).toBe(1000);
  expect(waiting('logs')?.waitingBatches).toBeGreaterThan(40);
});

test('spools what is left at close, also a position without records', async () => {
  const pipeline = createLogPipeline(
    { spool, resource, clockAttributes, log },
    { stream: 'logs', maxBytes: 1024 * 1024, maxAgeMs: 60_000 },
  );
  pipeline.logger('files').emit({ body: 'last' });
  await pipeline.close();
  const second = createLogPipeline(
    { spool, resource, clockAttributes, log },
    { stream: 'logs', maxBytes: 1024 * 1024, maxAgeMs: 60_000 },
  );
  second.mark('skipped', '42');
  await second.close();
  await spool.close();
  spool = await open();
  expect(waiting('logs')?.waitingRecords).toBe(1);
  expect(spool.position('skipped')).toBe('42');
});

test('spools one batch per metric sample with every data point counted', async () => {
  const batches = createMetricBatches({ spool, resource, clock, nowMs: Date.now });
  const metrics = createMetricPipeline({ batches, resource, log }, { intervalMs: 60_000 });
  const gauge = metrics.meter('host').createObservableGauge('system.memory.utilization');
  gauge.addCallback((result) => {
    result.observe(0.5, { 'system.memory.state': 'used' });
    result.observe(0.5, { 'system.memory.state': 'free' });
  });
  metrics.start();
  await vi.waitFor(() => expect(waiting('metrics')).toMatchObject({ waitingBatches: 1, waitingRecords: 2 }), patient);
  await metrics.close();
});
