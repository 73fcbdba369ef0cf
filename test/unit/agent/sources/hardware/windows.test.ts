import { expect, test } from 'vitest';
import { reliabilityReadings } from '../../../../../agent/sources/hardware/windows-disks.ts';
import { partReadings } from '../../../../../agent/sources/hardware/windows-parts.ts';

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

test('reads memory, adapters, batteries and hardware errors', () => {
  const readings = told(
    partReadings({
      memory: [{ DeviceLocator: 'A1', Capacity: '34359738368' }],
      adapters: [
        { Name: 'SLOT 3', MacAddress: 'B8-CE-F6-00-00-01', Status: 'Up', Speed: 25_000_000_000 },
        { Name: 'SLOT 4', MacAddress: 'B8-CE-F6-00-00-02', Status: 'Disconnected', Speed: 0 },
        { Name: 'SLOT 5', MacAddress: 'B8-CE-F6-00-00-03', Status: 'Disabled', Speed: 0 },
      ],
      batteries: { DeviceID: 'UPS1', EstimatedChargeRemaining: 80, EstimatedRunTime: 71_582_788, BatteryStatus: 2 },
      whea: [
        { id: 17, level: 3, count: 12 },
        { id: 19, level: 3, count: 1 },
        { id: 18, level: 2, count: 1 },
      ],
    }),
  );
  expect(readings).toEqual([
    ['memory/A1', 'hw.memory.size', 34_359_738_368],
    ['net/b8:ce:f6:00:00:01', 'hw.network.up', 1],
    ['net/b8:ce:f6:00:00:01', 'hw.network.bandwidth.limit', 3.125e9],
    ['net/b8:ce:f6:00:00:02', 'hw.network.up', 0],
    ['battery/UPS1', 'hw.battery.charge', 0.8],
    ['whea', 'hw.errors whea_corrected', 13],
    ['whea', 'hw.errors whea_uncorrected', 1],
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
