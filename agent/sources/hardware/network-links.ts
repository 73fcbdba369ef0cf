import { join } from 'node:path';
import type { HardwareReading } from './instruments.ts';
import type { Sysfs } from './sysfs.ts';

/** Errors of the wire; what a driver does not count it shows as zero. */
const errorCounters = ['rx_crc_errors', 'rx_frame_errors', 'rx_missed_errors', 'tx_carrier_errors'] as const;

/** Link state and speed of network ports with a device behind them; bridges, tunnels and the like have none. */
export async function readNetworkLinks(sys: Sysfs): Promise<HardwareReading[]> {
  const readings: HardwareReading[] = [];
  const root = 'class/net';
  for (const port of await sys.names(root)) {
    const folder = join(root, port);
    if (!(await sys.exists(join(folder, 'device')))) continue;
    const address = await sys.value(join(folder, 'address'));
    const common = {
      type: 'network',
      id: address && address !== '00:00:00:00:00:00' ? `net/${address}` : `net/${port}`,
      name: port,
    } as const;
    const state = await sys.value(join(folder, 'operstate'));
    const carrier = await sys.number(join(folder, 'carrier'));
    const up = state === 'up' || (state === 'unknown' && carrier === 1);
    readings.push({ ...common, metric: 'hw.network.up', value: up ? 1 : 0 });
    // Megabits; -1 when the driver does not know or the link is down.
    const megabits = up ? await sys.number(join(folder, 'speed')) : undefined;
    if (megabits !== undefined && megabits > 0) {
      readings.push({ ...common, metric: 'hw.network.bandwidth.limit', value: (megabits * 1e6) / 8 });
    }
    const transitions = await sys.number(join(folder, 'carrier_down_count'));
    if (transitions !== undefined) {
      readings.push({ ...common, metric: 'hw.errors', value: transitions, attributes: { 'error.type': 'link_down' } });
    }
    for (const name of errorCounters) {
      const count = await sys.number(join(folder, 'statistics', name));
      if (count === undefined) continue;
      readings.push({ ...common, metric: 'hw.errors', value: count, attributes: { 'error.type': name } });
    }
  }
  return readings;
}
