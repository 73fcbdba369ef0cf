import { join } from 'node:path';
import { type HardwareReading, status } from './instruments.ts';
import type { Sysfs } from './sysfs.ts';

/** Batteries, UPSes and mains adapters of /sys/class/power_supply. */
export async function readPowerSupplies(sys: Sysfs): Promise<HardwareReading[]> {
  const readings: HardwareReading[] = [];
  const root = 'class/power_supply';
  for (const supply of await sys.names(root)) {
    const folder = join(root, supply);
    const kind = await sys.value(join(folder, 'type'));
    const model = [await sys.value(join(folder, 'manufacturer')), await sys.value(join(folder, 'model_name'))]
      .filter((part) => part !== undefined && part !== '')
      .join(' ');
    const battery = kind === 'Battery' || kind === 'UPS';
    const common = {
      type: battery ? 'battery' : 'power_supply',
      id: `power_supply/${supply}`,
      name: model === '' ? supply : model,
    } as const;
    if (!battery) {
      const online = await sys.number(join(folder, 'online'));
      if (online !== undefined) readings.push(...status(common, online > 0 ? 'ok' : 'failed'));
      continue;
    }
    const percent = await sys.number(join(folder, 'capacity'));
    const state = (await sys.value(join(folder, 'status')))?.toLowerCase();
    const attributes = state === 'charging' || state === 'discharging' ? { 'hw.battery.state': state } : undefined;
    if (percent !== undefined) {
      readings.push({
        ...common,
        metric: 'hw.battery.charge',
        value: percent / 100,
        ...(attributes ? { attributes } : {}),
      });
    }
    const left = await sys.number(join(folder, state === 'charging' ? 'time_to_full_now' : 'time_to_empty_now'));
    if (left !== undefined && left > 0) {
      readings.push({
        ...common,
        metric: 'hw.battery.time_left',
        value: left,
        ...(attributes ? { attributes } : {}),
      });
    }
    const microWatts = await sys.number(join(folder, 'power_now'));
    if (microWatts !== undefined) readings.push({ ...common, metric: 'hw.power', value: Math.abs(microWatts) / 1e6 });
    const microVolts = await sys.number(join(folder, 'voltage_now'));
    if (microVolts !== undefined) readings.push({ ...common, metric: 'hw.voltage', value: microVolts / 1e6 });
    const health = (await sys.value(join(folder, 'health')))?.toLowerCase();
    if (health !== undefined && health !== 'unknown') {
      readings.push(...status(common, health === 'good' ? 'ok' : health === 'dead' ? 'failed' : 'degraded'));
    }
  }
  return readings;
}
