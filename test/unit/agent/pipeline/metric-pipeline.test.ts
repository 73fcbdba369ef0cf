import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createClockOffset } from '../../../../agent/control/clock-offset.ts';
import { metricPoints } from '../../../../agent/otlp/metric-points.ts';
import { createMetricBatches } from '../../../../agent/pipeline/metric-batches.ts';
import { createMetricPipeline } from '../../../../agent/pipeline/metric-pipeline.ts';
import { createResource } from '../../../../agent/pipeline/resource.ts';
import { openSpool, type Spool } from '../../../../agent/spool/spool.ts';

const log = pino({ level: 'silent' });
const resource = createResource({ serviceVersion: '0.0.0', instanceId: 'instance-1' });
const clock = createClockOffset();
let folder: string;
let spool: Spool;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-metrics-'));
  spool = await openSpool(
    { folder, streams: { metrics: 'normal' }, maxBytes: 64 * 1024 * 1024, minFreeBytes: 0, segmentBytes: 1024 * 1024 },
    { log, nowMs: Date.now },
  );
});
afterEach(async () => {
  await spool.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a gauge whose subject has gone is not reported any more, and again once it is back', async () => {
  const pipeline = createMetricPipeline(
    { batches: createMetricBatches({ spool, resource, clock, nowMs: Date.now }), resource, log },
    { intervalMs: 60_000 },
  );
  const reader = spool.reader('metrics');
  let mounts = ['/var', '/mnt/usb'];
  pipeline
    .meter('test')
    .createObservableGauge('system.filesystem.utilization')
    .addCallback((result) => {
      for (const mountpoint of mounts) result.observe(0.9, { mountpoint });
    });
  async function reported(): Promise<string[]> {
    await pipeline.collect();
    const batch = await reader.next();
    if (!batch) throw new Error('there is no batch');
    const text = batch.payload.toString('latin1');
    reader.acknowledge(batch);
    return ['/var', '/mnt/usb'].filter((mountpoint) => text.includes(mountpoint));
  }
  expect(await reported()).toEqual(['/var', '/mnt/usb']);
  mounts = ['/var'];
  expect(await reported()).toEqual(['/var']);
  expect(await reported()).toEqual(['/var']);
  mounts = ['/var', '/mnt/usb'];
  expect(await reported()).toEqual(['/var', '/mnt/usb']);
  await pipeline.close();
});

test('so it is with sums, which stay sums: of the kernel’s counters, and of what is in use', async () => {
  const pipeline = createMetricPipeline(
    { batches: createMetricBatches({ spool, resource, clock, nowMs: Date.now }), resource, log },
    { intervalMs: 60_000 },
  );
  const reader = spool.reader('metrics');
  let interfaces = ['eth0', 'veth1'];
  const meter = pipeline.meter('test');
  const io = meter.createObservableCounter('system.network.io', { unit: 'By' });
  const usage = meter.createObservableUpDownCounter('system.filesystem.usage', { unit: 'By' });
  const gauge = meter.createObservableGauge('system.cpu.utilization');
  meter.addBatchObservableCallback(
    (result) => {
      for (const name of interfaces) result.observe(io, 5e9, { name });
      for (const name of interfaces) result.observe(usage, 7, { name });
      result.observe(gauge, 1);
    },
    [io, usage, gauge],
  );
  const written = meter.createCounter('sextant.test.written');
  written.add(3);
  async function reported(): Promise<string[]> {
    await pipeline.collect();
    const batch = await reader.next();
    if (!batch) throw new Error('there is no batch');
    reader.acknowledge(batch);
    return [...metricPoints(batch.payload)].map(({ name, kind, unit, value, attributes }) =>
      [name, kind, unit, value, attributes.name].join(' ').trim(),
    );
  }
  const lasting = ['system.cpu.utilization gauge  1', 'sextant.test.written sum  3'];
  const of = (name: string) => [
    `system.network.io sum By 5000000000 ${name}`,
    `system.filesystem.usage sum By 7 ${name}`,
  ];
  expect((await reported()).toSorted()).toEqual([...of('eth0'), ...of('veth1'), ...lasting].toSorted());
  interfaces = ['eth0'];
  expect((await reported()).toSorted()).toEqual([...of('eth0'), ...lasting].toSorted());
  await pipeline.close();
});
