import type { Sample } from '../../pipeline/metric-data.ts';
import { enumName, number, type Row, rows, text } from '../../powershell/json-values.ts';
import type { ClusterMetric } from '../azure-local-metrics.ts';

type ClusterSample = Sample<ClusterMetric>;

/** Enumerations of the FailoverClusters module, where they come as numbers and not as the names that our script gives. */
const nodeStates = { [-1]: 'Unknown', 0: 'Up', 1: 'Down', 2: 'Paused', 3: 'Joining' };
const groupStates = { [-1]: 'Unknown', 0: 'Online', 1: 'Offline', 2: 'Failed', 3: 'PartialOnline', 4: 'Pending' };
const groupTypes = {
  1: 'Cluster',
  2: 'AvailableStorage',
  4: 'ClusterSharedVolume',
  5: 'ClusterStoragePool',
  100: 'FileServer',
  111: 'VirtualMachine',
  114: 'ScaleoutFileServer',
  115: 'VMReplicaBroker',
  116: 'TaskScheduler',
  122: 'InfrastructureFileServer',
  9999: 'Unknown',
};
const networkStates = { [-1]: 'Unknown', 0: 'Unavailable', 1: 'Down', 2: 'Partitioned', 3: 'Up' };
const resourceStates = {
  [-1]: 'Unknown',
  0: 'Inherited',
  1: 'Initializing',
  2: 'Online',
  3: 'Offline',
  4: 'Failed',
  128: 'Pending',
  129: 'OnlinePending',
  130: 'OfflinePending',
};
const volumeIoStates = { 0: 'Unavailable', 1: 'Paused', 2: 'Direct', 3: 'FileSystemRedirected', 4: 'BlockRedirected' };
/** ReFS goes through the owner always: that is how it works, and no fault. */
const byDesign = ['NotFileSystemRedirected', 'FileSystemReFs'];

/** Whether this node speaks for the cluster: it owns the core group, so that no two nodes report the same. */
export const isLeader = (state: Row): boolean =>
  text(state.leader) !== undefined && text(state.leader)?.toLowerCase() === text(state.computer)?.toLowerCase();

/** Samples of the answer of cluster.ps1; none on a node that does not lead. */
export function clusterSamples(state: Row): ClusterSample[] {
  if (!isLeader(state)) return [];
  const cluster = text(state.cluster) ?? '';
  const common = { 'azurelocal.cluster.name': cluster };
  const is = (name: string | undefined, ...good: string[]): number | undefined =>
    name === undefined || name.startsWith('Unknown') ? undefined : Number(good.includes(name));
  const samples: (Omit<ClusterSample, 'value'> & { value: number | undefined })[] = [];

  let votes = 0;
  for (const node of rows(state.nodes)) {
    const nodeState = enumName(node.State, nodeStates);
    if (nodeState === 'Up') votes += number(node.DynamicWeight) ?? number(node.NodeWeight) ?? 0;
    samples.push({
      metric: 'azurelocal.node.up',
      value: is(nodeState, 'Up'),
      attributes: {
        ...common,
        'azurelocal.node.name': text(node.Name) ?? '',
        'azurelocal.node.state': nodeState ?? '',
      },
    });
  }
  samples.push({ metric: 'azurelocal.quorum.votes', value: votes, attributes: common });
  for (const witness of rows(state.witness)) {
    const witnessState = enumName(witness.State, resourceStates);
    samples.push({
      metric: 'azurelocal.quorum.witness.up',
      value: is(witnessState, 'Online'),
      attributes: {
        ...common,
        'azurelocal.witness.type': text(witness.Type) ?? '',
        'azurelocal.witness.state': witnessState ?? '',
      },
    });
  }
  for (const group of rows(state.groups)) {
    const groupType = enumName(group.GroupType, groupTypes);
    // Available Storage is offline wherever no disk is left over, which is as it should be.
    if (groupType === 'AvailableStorage') continue;
    const groupState = enumName(group.State, groupStates);
    samples.push({
      metric: 'azurelocal.group.online',
      value: is(groupState, 'Online'),
      attributes: {
        ...common,
        'azurelocal.group.name': text(group.Name) ?? '',
        'azurelocal.group.type': groupType ?? '',
        'azurelocal.group.state': groupState ?? '',
        'azurelocal.node.name': text(group.OwnerNode) ?? '',
      },
    });
  }
  for (const network of rows(state.networks)) {
    const networkState = enumName(network.State, networkStates);
    samples.push({
      metric: 'azurelocal.network.up',
      value: is(networkState, 'Up'),
      attributes: {
        ...common,
        'azurelocal.network.name': text(network.Name) ?? '',
        'azurelocal.network.state': networkState ?? '',
      },
    });
  }
  for (const volume of rows(state.volumes)) {
    const attributes = {
      ...common,
      'azurelocal.csv.name': text(volume.Name) ?? '',
      'azurelocal.csv.path': text(volume.Path) ?? '',
    };
    const size = number(volume.Size);
    const used = number(volume.UsedSpace);
    const volumeState = enumName(volume.State, resourceStates);
    samples.push(
      { metric: 'azurelocal.csv.size', value: size, attributes },
      { metric: 'azurelocal.csv.used', value: used, attributes },
      { metric: 'azurelocal.csv.utilization', value: size && used !== undefined ? used / size : undefined, attributes },
      { metric: 'azurelocal.csv.online', value: is(volumeState, 'Online'), attributes },
    );
  }
  for (const volume of rows(state.volumeStates)) {
    const ioState = enumName(volume.StateInfo, volumeIoStates);
    const reason = text(volume.FileSystemReason) ?? '';
    const fine = ioState === 'Direct' || (ioState === 'FileSystemRedirected' && byDesign.includes(reason));
    samples.push({
      metric: 'azurelocal.csv.redirected',
      value: ioState === undefined || ioState.startsWith('Unknown') ? undefined : Number(!fine),
      attributes: {
        ...common,
        'azurelocal.csv.name': text(volume.Name) ?? '',
        'azurelocal.csv.node': text(volume.Node) ?? '',
        'azurelocal.csv.io_state': ioState ?? '',
        ...(fine ? {} : reasonOf(volume)),
      },
    });
  }
  return known(samples);
}

/** Why I/O takes another way: `IncompatibleVolumeFilter`, `NoDiskConnectivity`. */
function reasonOf(volume: Row): Record<string, string> | undefined {
  const told = [text(volume.BlockReason), text(volume.FileSystemReason)].filter(
    (reason) => reason !== undefined && reason !== 'NotBlockRedirected' && !byDesign.includes(reason),
  );
  return told.length > 0 ? { 'azurelocal.csv.redirection_reason': told.join(', ') } : undefined;
}

/** Leaves out what Windows did not tell. */
export const known = <Name extends string>(
  samples: readonly (Omit<Sample<Name>, 'value'> & { value: number | undefined })[],
): Sample<Name>[] => samples.filter((sample): sample is Sample<Name> => sample.value !== undefined);
