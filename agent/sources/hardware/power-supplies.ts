import { join } from 'node:path';
import { type HardwareReading, status } from './instruments.ts';
import { listNames, readNumber, readValue } from './sysfs.ts';

/** Batteries, UPSes and mains adapters of /sys/class/power_supply. */
export function readPowerSupplies(sysRoot: string): HardwareReading[] {
  const readings: HardwareReading[] = [];
  const root = join(sysRoot, 'class/power_supply');
  for (const supply of listNames(root)) {
    const folder = join(root, supply);
    const kind = readValue(join(folder, 'type'));
    const model = [readValue(join(folder, 'manufacturer')), readValue(join(folder, 'model_name'))]
      .filter((part) => part !== undefined && part !== '')
      .join(' ');
    const battery = kind === 'Battery' || kind === 'UPS';
    const common = {
      type: battery ? 'battery' : 'power_supply',
      id: `power_supply/${supply}`,
      name: model === '' ? supply : model,
    } as const;
    if (!battery) {
      const online = readNumber(join(folder, 'online'));
      if (online !== undefined) readings.push(...status(common, online > 0 ? 'ok' : 'failed'));
      continue;
    }
    const percent = readNumber(join(folder, 'capacity'));
    const state = readValue(join(folder, 'status'))?.toLowerCase();
    const attributes = state === 'charging' || state === 'discharging' ? { 'hw.battery.state': state } : undefined;
    if (percent !== undefined) {
      readings.push({
        ...common,
        metric: 'hw.battery.charge',
        value: percent / 100,
        ...(attributes ? { attributes } : {}),
      });
    }
    const left = readNumber(join(folder, state === 'charging' ? 'time_to_full_now' : 'time_to_empty_now'));
    if (left !== undefined && left > 0) {
      readings.push({
        ...common,
        metric: 'hw.battery.time_left',
        value: left,
        ...(attributes ? { attributes } : {}),
      });
    }
    const microWatts = readNumber(join(folder, 'power_now'));
    if (microWatts !== undefined) readings.push({ ...common, metric: 'hw.power', value: Math.abs(microWatts) / 1e6 });
    const microVolts = readNumber(join(folder, 'voltage_now'));
    if (microVolts !== undefined) readings.push({ ...common, metric: 'hw.voltage', value: microVolts / 1e6 });
    const health = readValue(join(folder, 'health'))?.toLowerCase();
    if (health !== undefined && health !== 'unknown') {
      readings.push(...status(common, health === 'good' ? 'ok' : health === 'dead' ? 'failed' : 'degraded'));
    }
  }
  return readings;
}
