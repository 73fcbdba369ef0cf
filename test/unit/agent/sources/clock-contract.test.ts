import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createClockOffset } from '../../../../agent/control/clock-offset.ts';
import { metricPoints } from '../../../../agent/otlp/metric-points.ts';
import { clockAttributes } from '../../../../agent/pipeline/clock-attributes.ts';
import { createLogPipelines, logStreams } from '../../../../agent/pipeline/log-pipelines.ts';
import { createMetricBatches } from '../../../../agent/pipeline/metric-batches.ts';
import { createMetricPipeline } from '../../../../agent/pipeline/metric-pipeline.ts';
import { createResource } from '../../../../agent/pipeline/resource.ts';
import { createSampleSink } from '../../../../agent/pipeline/sample-sink.ts';
import { priorities } from '../../../../agent/profile/priority.ts';
import { type Profile, profileDefaults } from '../../../../agent/profile/profile.ts';
import { sourcesOf } from '../../../../agent/sources/all.ts';
import { createClusterSource } from '../../../../agent/sources/cluster/source-windows.ts';
import { createCountersSource } from '../../../../agent/sources/counters/source-windows.ts';
import { createFilesSource } from '../../../../agent/sources/files/source.ts';
import { createHardwareSource as createLinuxHardware } from '../../../../agent/sources/hardware/source-linux.ts';
import { createHardwareSource as createWindowsHardware } from '../../../../agent/sources/hardware/source-windows.ts';
import { createHostSource } from '../../../../agent/sources/host/source-linux.ts';
import { createHypervSource } from '../../../../agent/sources/hyperv/source-windows.ts';
import { createJournaldSource } from '../../../../agent/sources/journald/source-linux.ts';
import { createProbesSource } from '../../../../agent/sources/probes/source.ts';
import type { Source, SourceContext } from '../../../../agent/sources/source.ts';
import { openSpool, type Spool } from '../../../../agent/spool/spool.ts';
import type { Batch } from '../../../../agent/spool/stream.ts';
import { patient } from '../../../patience.ts';
import { createStandIn } from '../powershell/stand-in.ts';
import { createRecordedQuery } from './counters/counter-query.ts';
import { canWriteJournals, writeJournal } from './journald/journal-writer.ts';
import { createSourceContext } from './source-context.ts';

const log = pino({ level: 'silent' });
const defaults = profileDefaults as Profile;
let folder: string;
let spool: Spool;
let standIn: ReturnType<typeof createStandIn>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sx-clock-contract-'));
  standIn = createStandIn();
  spool = await openSpool(
    {
      folder: join(folder, 'spool'),
      streams: { ...logStreams, metrics: 'normal' },
      maxBytes: 64 * 2 ** 20,
      minFreeBytes: 0,
      segmentBytes: 2 ** 20,
    },
    { log, nowMs: Date.now },
  );
});
afterEach(async () => {
  await spool.close();
  standIn.remove();
  rmSync(folder, { recursive: true, force: true });
});

/**
 * The agent's own way from a source to the spool, with a clock 1,500 ms ahead of the collector's. `told` has the scopes
 * that batches came from, each batch having been found to carry the offset.
 */
function openPipelines() {
  const clock = createClockOffset();
  clock.add({ sentUnixMs: 11_480, collectorUnixMs: 10_000, receivedUnixMs: 11_520 });
  const resource = createResource({ serviceVersion: '0', instanceId: spool.epoch });
  const told = new Set<string>();
  const faults: unknown[] = [];
  const looking: Spool = {
    ...spool,
    append(stream, batch) {
      try {
        checkBatch(stream, batch);
      } catch (error) {
        faults.push(error);
      }
      for (const source of Object.keys(batch.sources ?? {})) told.add(source);
      return spool.append(stream, batch);
    },
  };
  const batches = createMetricBatches({ spool: looking, resource, clock, nowMs: Date.now });
  const logs = createLogPipelines({ spool: looking, resource, clock, log }, { maxBytes: 2 ** 20, maxAgeMs: 5 });
  const metrics = createMetricPipeline({ batches, resource, log }, { intervalMs: 3_600_000 });
  return {
    logs,
    metrics,
    samples: createSampleSink({ batches, nowMs: Date.now }),
    told,
    async close() {
      await metrics.close();
      await logs.close();
      expect(faults).toEqual([]);
    },
  };
}

function checkBatch(stream: string, { payload, records }: Batch): void {
  if (records === 0) return;
  if (stream !== 'metrics') {
    expect(Buffer.from(payload).includes(clockAttributes.offset)).toBe(true);
    return;
  }
  const points = [...metricPoints(Buffer.from(payload))];
  expect(points).toHaveLength(records);
  expect(points.at(-2)).toMatchObject({ name: 'sextant.agent.clock.offset', value: 1.5, unit: 's' });
  expect(points.at(-1)).toMatchObject({ name: 'sextant.agent.clock.bound', value: 0.02 });
}

const placeOf = () => 0;
const counter = { metric: 'test.count', unit: '1', description: 'For a test.', name: 'a', counter: '\\Set\\Count' };

/** Each source by platform and name, with something to tell. */
const telling: Record<string, (context: SourceContext) => Source> = {
  'linux host': (context) => createHostSource(context),
  'linux hardware'(context) {
    const device = join(folder, 'sys/bus/pci/devices/0000:3b:00.0');
    mkdirSync(device, { recursive: true });
    writeFileSync(join(device, 'aer_dev_fatal'), 'TOTAL_ERR_FATAL 1\n');
    return createLinuxHardware(context, { sysRoot: join(folder, 'sys'), placeOf });
  },
  'linux journald'(context) {
    mkdirSync(join(folder, 'journal'));
    writeJournal(join(folder, 'journal'), 'a.journal', ['one']);
    return createJournaldSource(context, { directory: join(folder, 'journal') });
  },
  'linux probes'(context) {
    const files = [{ name: 'heartbeat', files: [join(folder, 'none')], maxAge: 1000 }];
    return createProbesSource(
      { ...context, profile: { ...context.profile, probes: { ...defaults.probes, enabled: true, files } } },
      { placeOf },
    );
  },
  'linux files'(context) {
    writeFileSync(join(folder, 'a.log'), 'one\n');
    return createFilesSource({
      ...context,
      settings: { ...context.settings, 'agent.files.follow': [join(folder, 'a.log')] },
    });
  },
  'win32 counters': (context) =>
    createCountersSource(
      { ...context, profile: { ...context.profile, counters: { enabled: true, metrics: [counter as never] } } },
      () => createRecordedQuery({ [counter.counter]: { formatted: [{ instance: '', value: 1 }] } }).query,
    ),
  'win32 hardware'(context) {
    standIn.write('disk-reliability', { print: '{}' });
    standIn.write('hardware', { print: '{"memory":{"DeviceLocator":"A1","Capacity":1}}' });
    return createWindowsHardware(context, { powerShell: standIn.options, placeOf });
  },
  'win32 cluster'(context) {
    standIn.write('cluster', { print: '{"computer":"N1","leader":"N1","cluster":"c"}' });
    for (const script of ['storage', 'health-faults', 'capacity-history']) standIn.write(script, { print: '{}' });
    return createClusterSource(context, { powerShell: standIn.options, placeOf });
  },
  'win32 hyperv'(context) {
    standIn.write('virtual-machines', { print: '{"virtualMachines":{"Name":"v","Id":"1","State":2}}' });
    standIn.write('virtual-disks', { print: '{}' });
    return createHypervSource(context, { powerShell: standIn.options, placeOf });
  },
};
/** Made of the same files on both platforms, or of Windows' own functions, which no other machine has. */
const elsewhere = ['win32 files', 'win32 probes', 'win32 host', 'win32 event-log'];

test('every source is here', () => {
  const all = (['linux', 'win32'] as const).flatMap((of) => sourcesOf(of).map(({ name }) => `${of} ${name}`));
  expect([...Object.keys(telling), ...elsewhere].toSorted()).toEqual(all.toSorted());
});

test.for(Object.entries(telling))(
  'each batch of %s carries the offset of the clock',
  async ([name, make], { skip }) => {
    if (name === 'linux journald' && !canWriteJournals) skip();
    const { logs, metrics, samples, told, close } = openPipelines();
    const { context } = createSourceContext({
      logs: logs.ofClass('normal'),
      real: { samples, meter: metrics.meter('sextant.host') },
    });
    const source = make(context);
    await source.start();
    await vi.waitFor(async () => {
      await metrics.collect();
      expect([...told].filter((scope) => scope !== 'sextant.agent')).not.toEqual([]);
    }, patient);
    await source.close();
    await close();
  },
);

test('so does each batch of whatever way a source has', async () => {
  const { logs, metrics, samples, told, close } = openPipelines();
  for (const priority of priorities) logs.ofClass(priority).logger(`logger-${priority}`).emit({ body: 'x' });
  metrics
    .meter('meter')
    .createObservableGauge('test.gauge')
    .addCallback((result) => result.observe(1));
  await metrics.collect();
  await samples.report('samples', { 'test.gauge': ['gauge', '1', 'For a test.'] }, [
    { metric: 'test.gauge', value: 1 },
  ]);
  await logs.flush();
  expect([...told].toSorted()).toEqual(
    [...priorities.map((priority) => `logger-${priority}`), 'meter', 'samples', 'sextant.agent'].toSorted(),
  );
  await close();
});
