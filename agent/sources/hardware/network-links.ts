import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { HardwareReading } from './instruments.ts';
import { listNames, readNumber, readValue } from './sysfs.ts';

/** Errors of the wire; what a driver does not count it shows as zero. */
const errorCounters = ['rx_crc_errors', 'rx_frame_errors', 'rx_missed_errors', 'tx_carrier_errors'] as const;

/** Link state and speed of network ports with a device behind them; bridges, tunnels and the like have none. */
export function readNetworkLinks(sysRoot: string): HardwareReading[] {
  const readings: HardwareReading[] = [];
  const root = join(sysRoot, 'class/net');
  for (const port of listNames(root)) {
    const folder = join(root, port);
    if (!existsSync(join(folder, 'device'))) continue;
    const address = readValue(join(folder, 'address'));
    const common = {
      type: 'network',
      id: address && address !== '00:00:00:00:00:00' ? `net/${address}` : `net/${port}`,
      name: port,
    } as const;
    const state = readValue(join(folder, 'operstate'));
    const carrier = readNumber(join(folder, 'carrier'));
    const up = state === 'up' || (state === 'unknown' && carrier === 1);
    readings.push({ ...common, metric: 'hw.network.up', value: up ? 1 : 0 });
    // Megabits; -1 when the driver does not know or the link is down.
    const megabits = up ? readNumber(join(folder, 'speed')) : undefined;
    if (megabits !== undefined && megabits > 0) {
      readings.push({ ...common, metric: 'hw.network.bandwidth.limit', value: (megabits * 1e6) / 8 });
    }
    const transitions = readNumber(join(folder, 'carrier_down_count'));
    if (transitions !== undefined) {
      readings.push({ ...common, metric: 'hw.errors', value: transitions, attributes: { 'error.type': 'link_down' } });
    }
    for (const name of errorCounters) {
      const count = readNumber(join(folder, 'statistics', name));
      if (count === undefined) continue;
      readings.push({ ...common, metric: 'hw.errors', value: count, attributes: { 'error.type': name } });
    }
  }
  return readings;
}
