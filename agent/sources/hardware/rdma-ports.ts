import { join } from 'node:path';
import { describeComponent, type HardwareReading } from './instruments.ts';
import type { Sysfs } from './sysfs.ts';

/** Data counters count words of four bytes (InfiniBand specification, PortCounters). */
const wordBytes = 4;

/** Counters of errors, congestion and retries; what a driver does not have is left out. */
const errorCounters = [
  ['counters', 'symbol_error'],
  ['counters', 'link_error_recovery'],
  ['counters', 'link_downed'],
  ['counters', 'port_rcv_errors'],
  ['counters', 'port_rcv_remote_physical_errors'],
  ['counters', 'port_xmit_discards'],
  ['counters', 'port_xmit_wait'],
  ['counters', 'local_link_integrity_errors'],
  ['counters', 'excessive_buffer_overrun_errors'],
  ['hw_counters', 'out_of_sequence'],
  ['hw_counters', 'packet_seq_err'],
  ['hw_counters', 'implied_nak_seq_err'],
  ['hw_counters', 'local_ack_timeout_err'],
  ['hw_counters', 'rnr_nak_retry_err'],
  ['hw_counters', 'rx_icrc_encapsulated'],
  ['hw_counters', 'np_cnp_sent'],
  ['hw_counters', 'rp_cnp_handled'],
  ['hw_counters', 'roce_adp_retrans'],
] as const;

/** RDMA ports of /sys/class/infiniband (InfiniBand, RoCE, iWARP): link, bytes, packets, errors. */
export async function readRdmaPorts(sys: Sysfs): Promise<HardwareReading[]> {
  const root = 'class/infiniband';
  const readings: HardwareReading[] = [];
  for (const device of await sys.names(root)) {
    for (const port of await sys.names(join(root, device, 'ports'))) {
      readings.push(...(await readPort(sys, join(root, device, 'ports', port), device, port)));
    }
  }
  return readings;
}

async function readPort(sys: Sysfs, folder: string, device: string, port: string): Promise<HardwareReading[]> {
  const component = describeComponent({
    type: 'network',
    id: `rdma/${device}/${port}`,
    name: `${device} port ${port}`,
    parent: `rdma/${device}`,
  });
  // `4: ACTIVE`
  const state = await sys.value(join(folder, 'state'));
  if (state !== undefined) component.add('hw.network.up', state.startsWith('4:') ? 1 : 0);
  // `100 Gb/sec (4X EDR)`
  const gigabits = Number(/^([\d.]+) Gb\/sec/.exec((await sys.value(join(folder, 'rate'))) ?? '')?.[1]);
  component.add('hw.network.bandwidth.limit', (gigabits * 1e9) / 8);
  const counter = (name: string) => sys.number(join(folder, 'counters', name));
  for (const [direction, prefix] of [
    ['receive', 'port_rcv'],
    ['transmit', 'port_xmit'],
  ] as const) {
    const attributes = { 'network.io.direction': direction };
    const words = await counter(`${prefix}_data`);
    component.add('hw.network.io', words === undefined ? undefined : words * wordBytes, attributes);
    component.add('hw.network.packets', await counter(`${prefix}_packets`), attributes);
  }
  for (const [group, name] of errorCounters) {
    component.add('hw.errors', await sys.number(join(folder, group, name)), { 'error.type': name });
  }
  return component.readings;
}
