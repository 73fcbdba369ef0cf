import { enumName, number, type Row, rows, text } from '../../powershell/json-values.ts';
import { describeComponent, type HardwareReading } from './instruments.ts';

/** BatteryStatus of Win32_Battery: 1 discharging; 6 to 9 charging. */
const discharging = 1;
const charging = [6, 7, 8, 9];
/** EstimatedRunTime while on mains power. */
const noRunTime = 71_582_788;

/** Readings of the answer of hardware.ps1. */
export function partReadings(answer: Row): HardwareReading[] {
  return [
    ...rows(answer.memory).flatMap((module, index, all) => {
      const slot = slotOf(module) ?? `${index}`;
      // Boards may call a slot of each bank the same; Windows' own tag tells them apart.
      const alone = all.filter((other) => slotOf(other) === slot).length < 2;
      const bank = [text(module.BankLabel), slot, text(module.Tag) ?? `${index}`].filter(Boolean).join(' ');
      const place = alone ? slot : bank;
      const memory = describeComponent({ type: 'memory', id: `memory/${place}`, name: place });
      memory.add('hw.memory.size', number(module.Capacity));
      return memory.readings;
    }),
    ...rows(answer.adapters).flatMap(adapterReadings),
    ...rows(answer.batteries).flatMap((row, index) => {
      const name = text(row.Name) ?? text(row.DeviceID) ?? 'battery';
      const battery = describeComponent({ type: 'battery', id: `battery/${text(row.DeviceID) ?? index}`, name });
      const status = number(row.BatteryStatus);
      const state = status === discharging ? 'discharging' : charging.includes(status ?? 0) ? 'charging' : undefined;
      const attributes = state ? { 'hw.battery.state': state } : undefined;
      const percent = number(row.EstimatedChargeRemaining);
      battery.add('hw.battery.charge', percent === undefined ? undefined : percent / 100, attributes);
      const minutes = number(row.EstimatedRunTime);
      if (minutes !== undefined && minutes < noRunTime) battery.add('hw.battery.time_left', minutes * 60, attributes);
      return battery.readings;
    }),
  ];
}

const slotOf = (module: Row): string | undefined => text(module.DeviceLocator) ?? text(module.BankLabel);

function adapterReadings(row: Row): HardwareReading[] {
  const address = text(row.MacAddress)?.replaceAll('-', ':').toLowerCase();
  const name = text(row.Name) ?? 'adapter';
  const adapter = describeComponent({ type: 'network', id: `net/${address ?? name}`, name });
  const status = enumName(row.Status, {});
  // Disabled on purpose is not down.
  if (status !== undefined && status !== 'Disabled') adapter.add('hw.network.up', Number(status === 'Up'));
  const bits = number(row.Speed);
  if (status === 'Up') adapter.add('hw.network.bandwidth.limit', bits === undefined ? undefined : bits / 8);
  return adapter.readings;
}
