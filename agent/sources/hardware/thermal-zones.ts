import { join } from 'node:path';
import type { HardwareReading } from './instruments.ts';
import type { Sysfs } from './sysfs.ts';

/** Temperatures of /sys/class/thermal that hwmon does not show as well (drivers register many in both). */
export async function readThermalZones(sys: Sysfs, hwmonDrivers: ReadonlySet<string>): Promise<HardwareReading[]> {
  const readings: HardwareReading[] = [];
  const root = 'class/thermal';
  for (const zone of await sys.names(root)) {
    if (!zone.startsWith('thermal_zone')) continue;
    const kind = (await sys.value(join(root, zone, 'type'))) ?? zone;
    const milliCelsius = await sys.number(join(root, zone, 'temp'));
    // -274000 is what drivers answer for "no reading".
    if (milliCelsius === undefined || milliCelsius <= -273_000 || hwmonDrivers.has(kind.replaceAll('-', '_'))) continue;
    const common = { type: 'temperature', id: `thermal/${zone}`, name: kind } as const;
    readings.push({ ...common, metric: 'hw.temperature', value: milliCelsius / 1000 });
    for (const file of await sys.names(join(root, zone))) {
      const point = /^(trip_point_\d+)_type$/.exec(file)?.[1];
      if (!point || (await sys.value(join(root, zone, file))) !== 'critical') continue;
      const limit = await sys.number(join(root, zone, `${point}_temp`));
      if (limit === undefined || limit <= 0) continue;
      readings.push({
        ...common,
        metric: 'hw.temperature.limit',
        value: limit / 1000,
        attributes: { 'hw.limit_type': 'high.critical' },
      });
    }
  }
  return readings;
}
