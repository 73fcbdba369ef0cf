import type { BatchObservableResult } from '@opentelemetry/api';
import type { Instruments } from '../metric-catalogue.ts';
import type { hostMetrics } from './instruments.ts';

export interface InterfaceCounts {
  name: string;
  receivedBytes: number;
  receivedPackets: number;
  receivedErrors: number;
  receivedDropped: number;
  sentBytes: number;
  sentPackets: number;
  sentErrors: number;
  sentDropped: number;
}

/** Reads /proc/net/dev. */
export function parseNetDev(text: string): InterfaceCounts[] {
  const interfaces: InterfaceCounts[] = [];
  for (const line of text.split('\n').slice(2)) {
    const colon = line.lastIndexOf(':');
    if (colon < 0) continue;
    const counts = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number);
    const at = (index: number) => counts[index] ?? 0;
    interfaces.push({
      name: line.slice(0, colon).trim(),
      receivedBytes: at(0),
      receivedPackets: at(1),
      receivedErrors: at(2),
      receivedDropped: at(3),
      sentBytes: at(8),
      sentPackets: at(9),
      sentErrors: at(10),
      sentDropped: at(11),
    });
  }
  return interfaces;
}

/** `st` of /proc/net/tcp by its number (include/net/tcp_states.h), named as network.connection.state has it. */
const tcpStates: Readonly<Record<string, string>> = {
  '01': 'established',
  '02': 'syn_sent',
  '03': 'syn_received',
  '04': 'fin_wait_1',
  '05': 'fin_wait_2',
  '06': 'time_wait',
  '07': 'closed',
  '08': 'close_wait',
  '09': 'last_ack',
  '0A': 'listen',
  '0B': 'closing',
  // NEW_SYN_RECV
  '0C': 'syn_received',
};

export const connectionStates: readonly string[] = [...new Set(Object.values(tcpStates))];

/** Adds the connections of /proc/net/tcp or /proc/net/tcp6 to `counts` by state. */
export function countConnections(text: string, counts: Map<string, number>): void {
  for (const match of text.matchAll(/^ *\d+: [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:[0-9A-F]+ ([0-9A-F]{2}) /gm)) {
    const state = tcpStates[match[1] ?? ''];
    if (state) counts.set(state, (counts.get(state) ?? 0) + 1);
  }
}

type HostInstruments = Instruments<keyof typeof hostMetrics>;

export function observeInterfaces(
  result: BatchObservableResult,
  instruments: HostInstruments,
  interfaces: readonly InterfaceCounts[],
): void {
  for (const counts of interfaces) {
    const receive = { 'network.interface.name': counts.name, 'network.io.direction': 'receive' };
    const transmit = { 'network.interface.name': counts.name, 'network.io.direction': 'transmit' };
    result.observe(instruments['system.network.io'], counts.receivedBytes, receive);
    result.observe(instruments['system.network.io'], counts.sentBytes, transmit);
    result.observe(instruments['system.network.packet.count'], counts.receivedPackets, receive);
    result.observe(instruments['system.network.packet.count'], counts.sentPackets, transmit);
    result.observe(instruments['system.network.packet.dropped'], counts.receivedDropped, receive);
    result.observe(instruments['system.network.packet.dropped'], counts.sentDropped, transmit);
    result.observe(instruments['system.network.errors'], counts.receivedErrors, receive);
    result.observe(instruments['system.network.errors'], counts.sentErrors, transmit);
  }
}

export function observeConnections(
  result: BatchObservableResult,
  instruments: HostInstruments,
  byState: ReadonlyMap<string, number>,
): void {
  for (const [connectionState, count] of byState) {
    result.observe(instruments['system.network.connection.count'], count, {
      'network.connection.state': connectionState,
      'network.transport': 'tcp',
    });
  }
}
