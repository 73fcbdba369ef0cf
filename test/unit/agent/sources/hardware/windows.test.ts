import { expect, onTestFinished, test, vi } from 'vitest';
import { createHardwareSource } from '../../../../../agent/sources/hardware/source-windows.ts';
import { createWheaCounter } from '../../../../../agent/sources/hardware/whea-counter.ts';
import { reliabilityReadings } from '../../../../../agent/sources/hardware/windows-disks.ts';
import { partReadings } from '../../../../../agent/sources/hardware/windows-parts.ts';
import { patient } from '../../../../patience.ts';
import { createStandIn } from '../../powershell/stand-in.ts';
import { createRecordingPipeline } from '../recording-pipeline.ts';
import { createSourceContext } from '../source-context.ts';

const told = (readings: ReturnType<typeof partReadings>) =>
  readings.map(({ id, metric, value, attributes = {} }) => [
    id,
    [metric, ...Object.values(attributes)].join(' '),
    value,
  ]);

test('reads reliability counters; what a disk does not report is absent', () => {
  const readings = told(
    reliabilityReadings({
      disks: {
        FriendlyName: 'SSD',
        SerialNumber: ' ABC ',
        HealthStatus: 1,
        Size: 3_840_755_982_336,
        Temperature: 34,
        TemperatureMax: 0,
        Wear: 3,
        PowerOnHours: null,
        ReadErrorsCorrected: null,
        ReadErrorsUncorrected: 2,
      },
    }),
  );
  expect(readings).toEqual([
    ['disk/ABC', 'hw.physical_disk.size', 3_840_755_982_336],
    ['disk/ABC', 'hw.temperature', 34],
    ['disk/ABC', 'hw.physical_disk.endurance_utilization used', 0.03],
    ['disk/ABC', 'hw.physical_disk.endurance_utilization remaining', 0.97],
    ['disk/ABC', 'hw.errors read_uncorrected', 2],
    ['disk/ABC', 'hw.status ok', 0],
    ['disk/ABC', 'hw.status degraded', 1],
    ['disk/ABC', 'hw.status failed', 0],
  ]);
});

test('reads memory, adapters and batteries', () => {
  const readings = told(
    partReadings({
      memory: [{ DeviceLocator: 'A1', Capacity: '34359738368' }],
      adapters: [
        { Name: 'SLOT 3', MacAddress: 'B8-CE-F6-00-00-01', Status: 'Up', Speed: 25_000_000_000 },
        { Name: 'SLOT 4', MacAddress: 'B8-CE-F6-00-00-02', Status: 'Disconnected', Speed: 0 },
        { Name: 'SLOT 5', MacAddress: 'B8-CE-F6-00-00-03', Status: 'Disabled', Speed: 0 },
      ],
      batteries: { DeviceID: 'UPS1', EstimatedChargeRemaining: 80, EstimatedRunTime: 71_582_788, BatteryStatus: 2 },
    }),
  );
  expect(readings).toEqual([
    ['memory/A1', 'hw.memory.size', 34_359_738_368],
    ['net/b8:ce:f6:00:00:01', 'hw.network.up', 1],
    ['net/b8:ce:f6:00:00:01', 'hw.network.bandwidth.limit', 3.125e9],
    ['net/b8:ce:f6:00:00:02', 'hw.network.up', 0],
    ['battery/UPS1', 'hw.battery.charge', 0.8],
  ]);
});

test('memory modules whose slots are called the same are told apart', () => {
  const readings = partReadings({
    memory: [
      { DeviceLocator: 'DIMM 0', BankLabel: 'NODE 0', Tag: 'Physical Memory 0', Capacity: 1 },
      { DeviceLocator: 'DIMM 0', BankLabel: 'NODE 1', Tag: 'Physical Memory 1', Capacity: 1 },
      { DeviceLocator: 'DIMM 1', BankLabel: 'NODE 1', Tag: 'Physical Memory 2', Capacity: 1 },
    ],
  });
  expect(readings.map(({ id }) => id)).toEqual([
    'memory/NODE 0 DIMM 0 Physical Memory 0',
    'memory/NODE 1 DIMM 0 Physical Memory 1',
    'memory/DIMM 1',
  ]);
});

/** The System log as hardware.ps1 looks through it: the newest records of a bounded number. */
function createSystemLog(most: number) {
  let records: { id: number; record: number; time: string }[] = [];
  let next = 1;
  let second = 0;
  return {
    write(...ids: number[]) {
      for (const id of ids) {
        second += 1;
        const time = new Date(Date.UTC(2026, 10, 28) + second * 1000).toISOString().replace('Z', '0000Z');
        records.push({ id, record: next, time });
        next += 1;
      }
      records = records.slice(-most);
    },
    clear() {
      records = [];
      next = 1;
    },
    ask([, after, , since]: string[]) {
      const fresh = records.filter(({ record, time }) => since === undefined || record > Number(after) || time > since);
      const last = fresh.at(-1);
      return {
        whea: [...Map.groupBy(fresh, ({ id }) => id)].map(([id, { length }]) => ({ id, count: length })),
        wheaRecord: last?.record ?? null,
        wheaTime: last?.time ?? null,
      };
    },
  };
}

test('hardware errors are a sum that does not fall when the log forgets, is cleared, or the agent starts again', () => {
  const recording = createRecordingPipeline();
  const log = createSystemLog(5);
  let counter = createWheaCounter(recording.pipeline);
  const read = () => told(counter.count(log.ask(counter.parameters()))).map(([, what, value]) => `${what} ${value}`);
  expect(read()).toEqual([]);
  log.write(17, 19, 42, 18);
  expect(read()).toEqual(['hw.errors whea_corrected 3', 'hw.errors whea_uncorrected 1']);
  expect(counter.parameters()).toEqual(['-After', '4', '-Since', '2026-11-28T00:00:04.0000000Z']);
  expect(read()).toEqual(['hw.errors whea_corrected 3', 'hw.errors whea_uncorrected 1']);
  log.write(17, 17, 17, 17);
  expect(read()).toEqual(['hw.errors whea_corrected 7', 'hw.errors whea_uncorrected 1']);
  recording.restart();
  counter = createWheaCounter(recording.pipeline);
  log.write(1);
  expect(read()).toEqual(['hw.errors whea_corrected 7', 'hw.errors whea_uncorrected 2']);
  log.clear();
  expect(read()).toEqual(['hw.errors whea_corrected 7', 'hw.errors whea_uncorrected 2']);
  log.write(47);
  expect(read()).toEqual(['hw.errors whea_corrected 8', 'hw.errors whea_uncorrected 2']);
  expect(read()).toEqual(['hw.errors whea_corrected 8', 'hw.errors whea_uncorrected 2']);
});

test('the source asks for what it has not counted yet', async () => {
  const standIn = createStandIn();
  onTestFinished(() => standIn.remove());
  standIn.write('disk-reliability', { print: '{}' });
  const found = { whea: { id: 17, count: 2 }, wheaRecord: 9, wheaTime: '2026-11-28T00:00:04.0000000Z' };
  standIn.write('hardware', { print: JSON.stringify(found) });
  const recording = createRecordingPipeline();
  const { context, reported } = createSourceContext({ logs: recording.pipeline });
  const source = createHardwareSource(context, { powerShell: standIn.options, placeOf: () => 0 });
  await source.start();
  await vi.waitFor(
    () => expect(reported).toContainEqual(expect.objectContaining({ metric: 'hw.errors', value: 2 })),
    patient,
  );
  await source.close();
  recording.restart();
  expect(createWheaCounter(recording.pipeline).parameters()).toEqual(['-After', '9', '-Since', found.wheaTime]);
});
