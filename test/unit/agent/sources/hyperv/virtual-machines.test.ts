import { expect, test } from 'vitest';
import { machineSamples, virtualHardDiskSamples } from '../../../../../agent/sources/hyperv/virtual-machines.ts';

const machine = (over: object = {}) => ({
  Name: 'IRVM01',
  Id: 'aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb',
  State: 2,
  Heartbeat: 5,
  ProcessorCount: 16,
  CPUUsage: 23,
  MemoryAssigned: 68_719_476_736,
  MemoryDemand: 0,
  MemoryMaximum: 1_099_511_627_776,
  DynamicMemoryEnabled: false,
  UptimeSeconds: 86_400.5,
  ...over,
});
const told = (answer: object) =>
  Object.fromEntries(
    machineSamples(answer as never).map(({ metric, value }) => [metric.replace('azurelocal.vm.', ''), value]),
  );

test('reads a running machine with fixed memory', () => {
  expect(told({ virtualMachines: machine() })).toEqual({
    up: 1,
    health: 0,
    uptime: 86_400.5,
    'cpu.count': 16,
    'cpu.utilization': 0.23,
    'memory.assigned': 68_719_476_736,
  });
});

test('reads dynamic memory of PowerShell 7, and a guest that lost its heartbeat', () => {
  const written = { State: 'Running', Heartbeat: 'LostCommunication', DynamicMemoryEnabled: true, MemoryDemand: 5 };
  expect(told({ virtualMachines: [machine(written)] })).toMatchObject({
    up: 1,
    health: 1,
    'memory.demand': 5,
    'memory.maximum': 1_099_511_627_776,
  });
});

test('a machine that is off uses nothing and is not ill; one that lost its storage is', () => {
  expect(told({ virtualMachines: machine({ State: 3, Heartbeat: null, MemoryAssigned: 0 }) })).toEqual({
    up: 0,
    health: 0,
    'cpu.count': 16,
    'memory.assigned': 0,
  });
  expect(told({ virtualMachines: machine({ State: 16 }) })).toMatchObject({ up: 0, health: 1 });
});

test('an operational status that speaks of harm is told, in numbers and in names; work under way is none', () => {
  expect(told({ virtualMachines: machine({ OperationalStatus: ['Ok', 'MergingDisks'] }) })).toMatchObject({
    health: 0,
  });
  for (const status of [['Degraded'], [2, 32795], 'SupportingEntityInError']) {
    expect(told({ virtualMachines: machine({ OperationalStatus: status }) }), `${status}`).toMatchObject({ health: 1 });
  }
  const [, health] = machineSamples({ virtualMachines: machine({ OperationalStatus: [3] }) } as never);
  expect(health?.attributes).toMatchObject({ 'azurelocal.vm.status': 'Degraded' });
});

test('names a machine by name and id, and its disks by path', () => {
  const [sample] = virtualHardDiskSamples({
    disks: {
      Path: 'C:\\ClusterStorage\\UserStorage_1\\a.vhdx',
      Size: 100,
      FileSize: 40,
      VhdType: 3,
      VMName: 'a',
      VMId: { Guid: 'g' },
    },
  });
  expect(sample?.attributes).toEqual({
    'azurelocal.vm.name': 'a',
    'azurelocal.vm.id': 'g',
    'azurelocal.vm.disk.path': 'C:\\ClusterStorage\\UserStorage_1\\a.vhdx',
    'azurelocal.vm.disk.type': 'Dynamic',
  });
  expect(machineSamples({ virtualMachines: [] })).toEqual([]);
});
