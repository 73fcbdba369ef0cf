import { join } from 'node:path';
import { type HardwareReading, status } from './instruments.ts';
import type { Sysfs } from './sysfs.ts';

/** Thresholds of a temperature and what the conventions call them. */
const temperatureLimits = [
  ['max', 'high.degraded'],
  ['crit', 'high.critical'],
  ['min', 'low.degraded'],
  ['lcrit', 'low.critical'],
] as const;

/** Units: Documentation/hwmon/sysfs-interface.rst of the kernel (millidegrees, millivolts, microwatts, microjoules). */
const sensorKinds = [
  { prefix: 'temp', metric: 'hw.temperature', type: 'temperature', scale: 1e-3 },
  { prefix: 'fan', metric: 'hw.fan.speed', type: 'fan', scale: 1 },
  { prefix: 'in', metric: 'hw.voltage', type: 'voltage', scale: 1e-3 },
  { prefix: 'power', metric: 'hw.power', type: 'power_supply', scale: 1e-6 },
  { prefix: 'energy', metric: 'hw.energy', type: 'power_supply', scale: 1e-6 },
] as const;

/** Every sensor of /sys/class/hwmon. */
export async function readHwmon(sys: Sysfs): Promise<HardwareReading[]> {
  const readings: HardwareReading[] = [];
  const root = 'class/hwmon';
  for (const chipName of await sys.names(root)) {
    const folder = join(root, chipName);
    const driver = (await sys.value(join(folder, 'name'))) ?? chipName;
    // hwmon numbers change from boot to boot; the device behind them keeps its place.
    const chip = `${driver}@${(await sys.target(join(folder, 'device'))) ?? chipName}`;
    const files = await sys.names(folder);
    for (const file of files) {
      const found = /^(temp|fan|in|power|energy)(\d+)_(?:input|average)$/.exec(file);
      const kind = sensorKinds.find(({ prefix }) => prefix === found?.[1]);
      if (!found || !kind) continue;
      const sensor = `${found[1]}${found[2]}`;
      // A power sensor may have both: the momentary value wins.
      if (file.endsWith('_average') && files.includes(`${sensor}_input`)) continue;
      const raw = await sys.number(join(folder, file));
      if (raw === undefined || (await sys.number(join(folder, `${sensor}_fault`))) === 1) continue;
      const label = (await sys.value(join(folder, `${sensor}_label`))) ?? sensor;
      const common = { type: kind.type, id: `${chip}/${sensor}`, name: `${driver} ${label}`, parent: chip };
      readings.push({ ...common, metric: kind.metric, value: raw * kind.scale });
      if (kind.prefix === 'temp') {
        for (const [suffix, limitType] of temperatureLimits) {
          const limit = await sys.number(join(folder, `${sensor}_${suffix}`));
          // Drivers write nonsense where the chip has no limit: 0, or the type's largest value.
          if (limit === undefined || limit === 0 || Math.abs(limit) > 250_000) continue;
          readings.push({
            ...common,
            metric: 'hw.temperature.limit',
            value: limit * kind.scale,
            attributes: { 'hw.limit_type': limitType },
          });
        }
      }
      const alarm =
        (await sys.number(join(folder, `${sensor}_alarm`))) ?? (await sys.number(join(folder, `${sensor}_crit_alarm`)));
      if (alarm !== undefined) readings.push(...status(common, alarm === 1 ? 'degraded' : 'ok'));
    }
  }
  return readings;
}
