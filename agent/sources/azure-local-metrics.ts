import type { MetricCatalogue } from './metric-catalogue.ts';

/**
 * Metrics of an Azure Local cluster and of its virtual machines, for which OpenTelemetry has no convention. Health is
 * Windows' own number: 0 healthy, 1 warning, 2 unhealthy. What Windows does not tell is left out.
 */
export const clusterMetrics = {
  'azurelocal.node.up': ['gauge', '1', 'One when the cluster node is up, zero when it is down or paused.'],
  'azurelocal.group.online': ['gauge', '1', 'One when the cluster group (role) is online.'],
  'azurelocal.network.up': ['gauge', '1', 'One when the cluster network is up, zero when down or partitioned.'],
  'azurelocal.quorum.witness.up': ['gauge', '1', 'One when the quorum witness is online.'],
  'azurelocal.quorum.votes': ['gauge', '{vote}', 'Votes of nodes that are up and have one now.'],
  'azurelocal.csv.size': ['gauge', 'By', 'Size of the cluster shared volume.'],
  'azurelocal.csv.used': ['gauge', 'By', 'Space in use on the cluster shared volume.'],
  'azurelocal.csv.utilization': ['gauge', '1', 'Part of the cluster shared volume in use.'],
  'azurelocal.csv.online': ['gauge', '1', 'One when the cluster shared volume is online.'],
  'azurelocal.csv.redirected': [
    'gauge',
    '1',
    'One when I/O of a node (azurelocal.csv.node) goes through another one, or none goes; ReFS does so by design.',
  ],
  'azurelocal.pool.size': ['gauge', 'By', 'Size of the storage pool.'],
  'azurelocal.pool.allocated': ['gauge', 'By', 'Allocated part of the storage pool.'],
  'azurelocal.pool.health': ['gauge', '1', 'Health of the storage pool.'],
  'azurelocal.virtual_disk.size': ['gauge', 'By', 'Size of the virtual disk.'],
  'azurelocal.virtual_disk.footprint': [
    'gauge',
    'By',
    'Space of the pool that the virtual disk takes with its copies.',
  ],
  'azurelocal.virtual_disk.health': ['gauge', '1', 'Health of the virtual disk.'],
  'azurelocal.physical_disk.health': ['gauge', '1', 'Health of the physical disk.'],
  'azurelocal.physical_disk.size': ['gauge', 'By', 'Size of the physical disk.'],
  'azurelocal.physical_disk.allocated': ['gauge', 'By', 'Allocated part of the physical disk.'],
  'azurelocal.storage_job.progress': ['gauge', '1', 'Done part of a repair or rebalancing job.'],
  'azurelocal.storage_job.remaining': ['gauge', 'By', 'Bytes that a repair or rebalancing job still has to move.'],
  'azurelocal.health.fault': [
    'gauge',
    '1',
    'Severity of an open fault of the Health Service: 2 information, 3 degraded, 4 minor, 5 major, 6 critical, 7 fatal.',
  ],
  'azurelocal.history.node.cpu.utilization': ['gauge', '1', 'Capacity history of Windows: processor use of a node.'],
  'azurelocal.history.node.memory.used': ['gauge', 'By', 'Capacity history of Windows: memory in use on a node.'],
  'azurelocal.history.volume.size': ['gauge', 'By', 'Capacity history of Windows: size of a volume.'],
  'azurelocal.history.volume.available': ['gauge', 'By', 'Capacity history of Windows: space left on a volume.'],
} as const satisfies MetricCatalogue;
export type ClusterMetric = keyof typeof clusterMetrics;

export const virtualMachineMetrics = {
  'azurelocal.vm.up': ['gauge', '1', 'One when the virtual machine runs, by azurelocal.vm.state.'],
  'azurelocal.vm.health': ['gauge', '1', 'Zero when heartbeat and operational status are good, one when not.'],
  'azurelocal.vm.uptime': ['gauge', 's', 'Time since the virtual machine was started.'],
  'azurelocal.vm.cpu.count': ['gauge', '{cpu}', 'Virtual processors assigned.'],
  'azurelocal.vm.cpu.utilization': ['gauge', '1', 'Processor use as Hyper-V tells it.'],
  'azurelocal.vm.memory.assigned': ['gauge', 'By', 'Memory assigned now.'],
  'azurelocal.vm.memory.demand': ['gauge', 'By', 'Memory that the guest wants; only with dynamic memory.'],
  'azurelocal.vm.memory.maximum': ['gauge', 'By', 'Most memory that may be assigned.'],
  'azurelocal.vm.disk.size': ['gauge', 'By', 'Size of a virtual hard disk as the guest sees it.'],
  'azurelocal.vm.disk.used': ['gauge', 'By', 'Size of the file of a virtual hard disk.'],
} as const satisfies MetricCatalogue;
export type VirtualMachineMetric = keyof typeof virtualMachineMetrics;

/**
 * What probes see. `httpcheck.*`, `tcpcheck.*` and `tlscheck.*` are the names of the OpenTelemetry Collector's
 * receivers; `sextant.probe.*` is what all kinds of probes have in common.
 */
export const probeMetrics = {
  'httpcheck.status': ['gauge', '1', 'One for the class of status that was answered, zero for the others.'],
  'httpcheck.duration': ['gauge', 'ms', 'Time from the request to the end of the answer.'],
  'tcpcheck.status': ['gauge', '1', 'One when the TCP connection could be made.'],
  'tcpcheck.duration': ['gauge', 'ms', 'Time to make the TCP connection.'],
  'tlscheck.time_left': ['gauge', 's', 'Time until the certificate expires; negative afterwards.'],
  'sextant.probe.up': ['gauge', '1', 'One when what was probed is as it should be, else zero with error.type.'],
  'sextant.probe.duration': ['gauge', 's', 'Time that the probe took.'],
  'sextant.probe.file.age': ['gauge', 's', 'Time since the newest file of the globs was written.'],
  'sextant.probe.processes': ['gauge', '{process}', 'Processes of that name.'],
  'sextant.probe.crl.time_left': ['gauge', 's', 'Time until the revocation list is due for renewal.'],
  'azurelocal.control_plane.ready': ['gauge', '1', 'One when the control plane says that it is ready.'],
  'azurelocal.control_plane.readiness': ['gauge', '1', 'Readiness of a part of the control plane, 0 to 1.'],
} as const satisfies MetricCatalogue;
export type ProbeMetric = keyof typeof probeMetrics;
