import type { MetricCatalogue } from '../metric-catalogue.ts';

/**
 * Every metric of a host, once: name, instrument and unit as OpenTelemetry's system conventions (1.44) have them.
 * They are spelled out here because the conventions' incubating module costs 4 MB of memory to load.
 */
export const hostMetrics = {
  'system.uptime': ['gauge', 's', 'Time the system has been running.'],
  'system.cpu.time': ['counter', 's', 'Seconds that the processors spent in each mode, all of them together.'],
  'system.cpu.utilization': ['gauge', '1', 'Share of all processor time per mode since the last sample.'],
  'system.cpu.frequency': ['gauge', 'Hz', 'Operating frequency, averaged over the logical processors.'],
  'system.cpu.logical.count': ['updown', '{cpu}', 'Number of logical processors.'],
  'system.cpu.physical.count': ['updown', '{cpu}', 'Number of processor cores.'],
  'system.memory.usage': ['updown', 'By', 'Memory in use by state.'],
  'system.memory.limit': ['updown', 'By', 'Total memory of the system.'],
  'system.memory.utilization': ['gauge', '1', 'Share of the memory by state.'],
  'system.memory.linux.available': ['updown', 'By', 'Memory available for new work without swapping.'],
  'system.memory.linux.shared': ['updown', 'By', 'Shared memory, mostly tmpfs.'],
  'system.memory.linux.slab.usage': ['updown', 'By', 'Memory of the slab allocator.'],
  'system.paging.usage': ['updown', 'By', 'Swap in use by device and state.'],
  'system.paging.utilization': ['gauge', '1', 'Share of the swap by device and state.'],
  'system.paging.faults': ['counter', '{fault}', 'Page faults by type.'],
  'system.paging.operations': ['counter', '{operation}', 'Pages swapped in and out.'],
  'system.disk.io': ['counter', 'By', 'Bytes read and written.'],
  'system.disk.operations': ['counter', '{operation}', 'Completed reads and writes.'],
  'system.disk.io_time': ['counter', 's', 'Time the disk spent with at least one operation under way.'],
  'system.disk.operation_time': ['counter', 's', 'Time that operations took, summed over all of them.'],
  'system.disk.merged': ['counter', '{operation}', 'Operations merged into one by the kernel.'],
  'system.disk.limit': ['updown', 'By', 'Size of the disk.'],
  'system.filesystem.usage': ['updown', 'By', 'Space by state.'],
  'system.filesystem.limit': ['updown', 'By', 'Size of the filesystem.'],
  'system.filesystem.utilization': [
    'gauge',
    '1',
    'Share of the space by state; used counts against what users may fill.',
  ],
  'system.network.io': ['counter', 'By', 'Bytes received and transmitted.'],
  'system.network.packet.count': ['counter', '{packet}', 'Packets received and transmitted.'],
  'system.network.packet.dropped': ['counter', '{packet}', 'Packets dropped.'],
  'system.network.errors': ['counter', '{error}', 'Network errors.'],
  'system.network.connection.count': ['updown', '{connection}', 'TCP connections by state.'],
  'system.process.count': ['updown', '{process}', 'Processes by state.'],
  'system.process.created': ['counter', '{process}', 'Processes created since boot.'],
} as const satisfies MetricCatalogue;
