import type { Sample } from '../../pipeline/metric-data.ts';
import { enumName, flag, number, type Row, rows, text, texts } from '../../powershell/json-values.ts';
import type { VirtualMachineMetric } from '../azure-local-metrics.ts';
import { known } from '../cluster/cluster-state.ts';

/** VMState of the Hyper-V module; the critical ones mean that its storage is away. */
const states = {
  1: 'Other',
  2: 'Running',
  3: 'Off',
  4: 'Stopping',
  5: 'Saved',
  6: 'Paused',
  7: 'Starting',
  8: 'Reset',
  9: 'Saving',
  10: 'Pausing',
  11: 'Resuming',
  12: 'FastSaved',
  13: 'FastSaving',
  14: 'ForceShutdown',
  15: 'ForceReboot',
  16: 'RunningCritical',
  17: 'OffCritical',
  18: 'StoppingCritical',
  19: 'SavedCritical',
  20: 'PausedCritical',
};
/** VMHeartbeatStatus; disabled and unknown say nothing about health. */
const heartbeats = {
  0: 'Unknown',
  1: 'Disabled',
  2: 'NoContact',
  3: 'Error',
  4: 'LostCommunication',
  5: 'OkApplicationsUnknown',
  6: 'OkApplicationsHealthy',
  7: 'OkApplicationsCritical',
  8: 'Paused',
};
const badHeartbeats = ['NoContact', 'Error', 'LostCommunication', 'OkApplicationsCritical'];
/** VMOperationalStatus that speaks of harm; the others are work under way (snapshots, migration, merging of disks). */
const badStatuses: Record<number, string> = {
  3: 'Degraded',
  5: 'PredictiveFailure',
  16: 'SupportingEntityInError',
  32782: 'ApplicationCriticalState',
  32783: 'CommunicationTimedOut',
  32784: 'CommunicationFailed',
  32795: 'CriticalIoError',
};

/** Samples of the answer of virtual-machines.ps1. */
export function machineSamples(answer: Row): Sample<VirtualMachineMetric>[] {
  return rows(answer.virtualMachines).flatMap((machine) => {
    const state = enumName(machine.State, states);
    const heartbeat = enumName(machine.Heartbeat, heartbeats);
    const attributes = named(machine.Name, machine.Id);
    const running = state === 'Running';
    const percent = number(machine.CPUUsage);
    const ill = texts(machine.OperationalStatus)
      .map((status) => badStatuses[Number(status)] ?? status)
      .filter((status) => Object.values(badStatuses).includes(status));
    const bad = state?.endsWith('Critical') || ill.length > 0 || (running && badHeartbeats.includes(heartbeat ?? ''));
    return known<VirtualMachineMetric>([
      {
        metric: 'azurelocal.vm.up',
        value: state === undefined ? undefined : Number(running),
        attributes: { ...attributes, 'azurelocal.vm.state': state ?? '' },
      },
      {
        metric: 'azurelocal.vm.health',
        value: state === undefined ? undefined : Number(bad),
        attributes: {
          ...attributes,
          'azurelocal.vm.heartbeat': heartbeat ?? '',
          ...(ill.length > 0 && { 'azurelocal.vm.status': ill.join(', ') }),
        },
      },
      { metric: 'azurelocal.vm.uptime', value: running ? number(machine.UptimeSeconds) : undefined, attributes },
      { metric: 'azurelocal.vm.cpu.count', value: number(machine.ProcessorCount), attributes },
      {
        metric: 'azurelocal.vm.cpu.utilization',
        value: running && percent !== undefined ? percent / 100 : undefined,
        attributes,
      },
      { metric: 'azurelocal.vm.memory.assigned', value: number(machine.MemoryAssigned), attributes },
      {
        metric: 'azurelocal.vm.memory.demand',
        value: running && flag(machine.DynamicMemoryEnabled) ? number(machine.MemoryDemand) : undefined,
        attributes,
      },
      {
        metric: 'azurelocal.vm.memory.maximum',
        value: flag(machine.DynamicMemoryEnabled) ? number(machine.MemoryMaximum) : undefined,
        attributes,
      },
    ]);
  });
}

/** VhdType: a fixed one takes all of its size from the first day. */
const vhdTypes = { 2: 'Fixed', 3: 'Dynamic', 4: 'Differencing' };

/** Samples of the answer of virtual-disks.ps1. */
export function virtualHardDiskSamples(answer: Row): Sample<VirtualMachineMetric>[] {
  return rows(answer.disks).flatMap((disk) => {
    const type = enumName(disk.VhdType, vhdTypes);
    const attributes = {
      ...named(disk.VMName, disk.VMId),
      'azurelocal.vm.disk.path': text(disk.Path) ?? '',
      ...(type !== undefined && { 'azurelocal.vm.disk.type': type }),
    };
    return known<VirtualMachineMetric>([
      { metric: 'azurelocal.vm.disk.size', value: number(disk.Size), attributes },
      { metric: 'azurelocal.vm.disk.used', value: number(disk.FileSize), attributes },
    ]);
  });
}

/** A GUID is a text, or in some shapes an object with one. */
function named(name: unknown, id: unknown): Record<string, string> {
  const guid = text(id) ?? text((id as Row | undefined)?.Guid) ?? '';
  return { 'azurelocal.vm.name': text(name) ?? '', 'azurelocal.vm.id': guid };
}
