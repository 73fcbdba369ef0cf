import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { HardwareReading } from '../../../../../agent/sources/hardware/instruments.ts';
import { parseIpmiPowerSupplies, parseIpmiSensors } from '../../../../../agent/sources/hardware/ipmi.ts';
import { parseUpsc } from '../../../../../agent/sources/hardware/nut.ts';
import { parseNvidia } from '../../../../../agent/sources/hardware/nvidia.ts';
import { parseNvmeSmartLog } from '../../../../../agent/sources/hardware/nvme-cli.ts';
import { parseSmartReport, parseSmartScan } from '../../../../../agent/sources/hardware/smartctl.ts';
import { parseXid } from '../../../../../agent/sources/hardware/xid.ts';
import { root } from '../../../../../config/root.ts';

const recorded = (name: string): string => readFileSync(join(root, 'test/data/hardware', name), 'utf8');

/** `metric{attribute}` → value of one component. */
function told(readings: readonly HardwareReading[], id?: string): Record<string, number> {
  return Object.fromEntries(
    readings
      .filter((reading) => id === undefined || reading.id === id)
      .map(({ metric, value, attributes = {} }) => [[metric, ...Object.values(attributes)].join(' '), value]),
  );
}

test('reads the health of an NVMe disk from smartctl', () => {
  const readings = parseSmartReport(recorded('smartctl-nvme.json'));
  expect(readings[0]).toMatchObject({
    type: 'physical_disk',
    id: 'disk/S3R1AL0001',
    name: 'Example DC SSD 3840G (nvme2)',
  });
  expect(told(readings)).toMatchObject({
    'hw.physical_disk.size': 3_840_755_982_336,
    'hw.temperature': 41,
    'hw.status ok': 1,
    'hw.status failed': 0,
    'hw.physical_disk.endurance_utilization used': 0.12,
    'hw.physical_disk.endurance_utilization remaining': 0.88,
    'hw.errors media': 3,
    'hw.physical_disk.smart available_spare': 100,
    'hw.physical_disk.smart unsafe_shutdowns': 4,
  });
});

test('reads a failing ATA disk: raw values of attributes, counts of bad sectors, no wear of a spinning disk', () => {
  const readings = told(parseSmartReport(recorded('smartctl-ata.json')));
  expect(readings).toMatchObject({
    'hw.status failed': 1,
    'hw.status ok': 0,
    'hw.temperature': 36,
    'hw.errors reallocated_sector': 1890,
    'hw.errors current_pending_sector': 8,
    'hw.errors udma_crc': 0,
    'hw.physical_disk.smart 5 Reallocated_Sector_Ct': 1890,
  });
  expect(Object.keys(readings).filter((name) => name.includes('endurance'))).toEqual([]);
});

test('reads the wear of an ATA SSD from its normalised value; a temperature of zero is no reading', () => {
  const readings = told(parseSmartReport(recorded('smartctl-ata-ssd.json')));
  expect(readings['hw.physical_disk.endurance_utilization used']).toBeCloseTo(0.03);
  expect(readings).not.toHaveProperty(['hw.temperature']);
});

test('reads the error counters of a SAS disk behind a RAID controller', () => {
  expect(told(parseSmartReport(recorded('smartctl-sas.json')))).toMatchObject({
    'hw.temperature.limit high.critical': 65,
    'hw.errors uncorrected_write': 1,
    'hw.errors corrected_read': 374,
    'hw.physical_disk.smart scsi_grown_defect_list': 2,
  });
});

test('leaves out a disk that does not answer, and says which version it needs when there is no JSON', () => {
  expect(parseSmartReport(recorded('smartctl-no-device.json'))).toEqual([]);
  expect(
    parseSmartScan(
      '{"devices":[{"name":"/dev/sda","type":"sat"},{"name":"/dev/sdb","type":"scsi","open_error":"busy"}]}',
    ),
  ).toEqual([{ name: '/dev/sda', type: 'sat' }]);
  expect(() => parseSmartScan('smartctl 6.5 usage')).toThrow('version 7');
});

test('reads an NVMe log of nvme-cli: Kelvin, counters as text, a warning that means failure', () => {
  const disk = { type: 'physical_disk', id: 'disk/1', name: 'NVMe' } as const;
  const readings = told(parseNvmeSmartLog(recorded('nvme-smart-log.json'), disk));
  expect(readings).toMatchObject({
    'hw.temperature': 41,
    'hw.status failed': 1,
    'hw.physical_disk.endurance_utilization used': 1.04,
    'hw.physical_disk.endurance_utilization remaining': 0,
    'hw.errors media': 0,
  });
  expect(readings['hw.physical_disk.smart data_units_read']).toBe(184_467_440_737_095_520);
});

test('reads the sensors of a BMC with their limits; what has no reading is left out', () => {
  const readings = parseIpmiSensors(recorded('ipmitool-sensor-list.txt'));
  expect(told(readings, 'ipmi/CPU1 Temp')).toEqual({
    'hw.temperature': 97,
    'hw.status ok': 0,
    'hw.status degraded': 0,
    'hw.status failed': 1,
    'hw.temperature.limit low.critical': 3,
    'hw.temperature.limit low.degraded': 8,
    'hw.temperature.limit high.degraded': 90,
    'hw.temperature.limit high.critical': 95,
  });
  expect(told(readings, 'ipmi/Pwr Consumption')).toMatchObject({ 'hw.power': 168 });
  // Two sensors of one name stay two.
  expect(told(readings, 'ipmi/Fan1A#2')).toMatchObject({ 'hw.fan.speed': 5520 });
  expect(readings.some(({ id }) => id.includes('Fan2A') || id.includes('Redundancy'))).toBe(false);
});

test('reads the state of power supplies; one that is not there has none', () => {
  const readings = parseIpmiPowerSupplies(recorded('ipmitool-power-supplies.txt'));
  expect(told(readings, 'ipmi/PS1 Status@10.1')).toMatchObject({ 'hw.status ok': 1 });
  expect(told(readings, 'ipmi/PS2 Status@10.2')).toMatchObject({ 'hw.status failed': 1 });
  expect(new Set(readings.map(({ id }) => id)).size).toBe(2);
});

test('reads GPUs; what a card does not support is absent, not zero', () => {
  const readings = parseNvidia(recorded('nvidia-smi.csv'));
  expect(told(readings, 'gpu/GPU-5a1f0f2c-1111-2222-3333-444455556666')).toEqual({
    'hw.gpu.utilization general': 0.37,
    'hw.gpu.utilization encoder': 0,
    'hw.gpu.utilization decoder': 0,
    'hw.gpu.memory.usage': 10_737_418_240,
    'hw.gpu.memory.limit': 16_101_933_056,
    'hw.gpu.memory.utilization': 10_240 / 15_356,
    'hw.temperature': 61,
    'hw.power': 41.53,
    'hw.errors ecc_corrected': 2,
    'hw.errors ecc_uncorrected': 0,
  });
  expect(Object.keys(told(readings, 'gpu/GPU-9b2f0f2c-1111-2222-3333-444455556666'))).toEqual([
    'hw.gpu.memory.usage',
    'hw.gpu.memory.limit',
    'hw.gpu.memory.utilization',
    'hw.temperature',
    'hw.fan.speed_ratio',
  ]);
});

test('finds Xid errors in the kernel log', () => {
  expect(parseXid('NVRM: Xid (PCI:0000:3b:00): 79, pid=1234, GPU has fallen off the bus.')).toEqual({
    gpu: '0000:3b:00',
    code: '79',
  });
  expect(parseXid('nvidia: module loaded')).toBeUndefined();
});

test('reads a UPS that runs on battery and wants a new one', () => {
  const readings = parseUpsc('ups1', recorded('upsc.txt'));
  expect(readings[0]).toMatchObject({ type: 'battery', id: 'ups/AS1234567890', name: 'EXAMPLE Smart 1500' });
  expect(told(readings)).toMatchObject({
    'hw.battery.charge discharging': 0.87,
    'hw.battery.time_left discharging': 1842,
    'hw.voltage': 229.5,
    'hw.power': 412,
    'hw.temperature': 28.4,
    'hw.status degraded': 1,
  });
});
