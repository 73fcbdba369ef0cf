import { number, type Row, rows, text } from '../../powershell/json-values.ts';
import { healthNumber } from '../cluster/storage-state.ts';
import { addEndurance } from './endurance.ts';
import { describeComponent, type HardwareReading } from './instruments.ts';

/** Errors that StorageReliabilityCounter counts. */
const errorCounters = [
  ['ReadErrorsCorrected', 'read_corrected'],
  ['ReadErrorsUncorrected', 'read_uncorrected'],
  ['WriteErrorsCorrected', 'write_corrected'],
  ['WriteErrorsUncorrected', 'write_uncorrected'],
] as const;
const smartValues = ['PowerOnHours', 'ReadLatencyMax', 'WriteLatencyMax', 'FlushLatencyMax', 'StartStopCycleCount'];
const healthStates = ['ok', 'degraded', 'failed'] as const;

/** Readings of the answer of disk-reliability.ps1; what a disk does not report is left out. */
export function reliabilityReadings(answer: Row): HardwareReading[] {
  return rows(answer.disks).flatMap((row, index) => {
    const serial = text(row.SerialNumber)?.trim();
    const disk = describeComponent({
      type: 'physical_disk',
      id: serial ? `disk/${serial}` : `disk/${index}`,
      name: text(row.FriendlyName) ?? 'disk',
    });
    disk.add('hw.physical_disk.size', number(row.Size));
    // Drives that have no sensor answer 0.
    disk.add('hw.temperature', number(row.Temperature) || undefined);
    disk.add('hw.temperature.limit', number(row.TemperatureMax) || undefined, { 'hw.limit_type': 'high.critical' });
    const wear = number(row.Wear);
    addEndurance(disk.add, wear === undefined ? undefined : wear / 100);
    for (const [name, type] of errorCounters) disk.add('hw.errors', number(row[name]), { 'error.type': type });
    for (const name of smartValues) {
      disk.add('hw.physical_disk.smart', number(row[name]), { 'hw.physical_disk.smart_attribute': name });
    }
    const health = healthNumber(row.HealthStatus);
    disk.status(health === undefined ? undefined : healthStates[health]);
    return disk.readings;
  });
}
