import { type LogLine, levels } from './log-line.ts';
import { createRandom } from './random.ts';

const accounts = ['svc-cluster$', 'SYSTEM', 'LOCAL SERVICE', 'svc-backup', 'jsmith', 'akovacs', 'HCI-ADMIN', 'svc-arc'];
const programs = [
  'C:\\Windows\\System32\\svchost.exe',
  'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe',
  'C:\\Program Files\\AzureConnectedMachineAgent\\azcmagent.exe',
  'C:\\Windows\\System32\\wbem\\WmiPrvSE.exe',
  'C:\\Windows\\Cluster\\clussvc.exe',
];
const volumes = ['Infrastructure_1', 'UserStorage_1', 'UserStorage_2'];

interface Event {
  channel: string;
  provider: string;
  guid: string;
  id: number;
  task: number;
  level: readonly [number, string];
  keywords: string;
  body: string;
  data: Record<string, string>;
}

const security = {
  channel: 'Security',
  provider: 'Microsoft-Windows-Security-Auditing',
  guid: '{54849625-5478-4994-A5BA-3E3B0328C30D}',
};
const cluster = {
  channel: 'Microsoft-Windows-FailoverClustering/Operational',
  provider: 'Microsoft-Windows-FailoverClustering',
  guid: '{BAF908EA-3421-4CA9-9B84-6689B8C6F85F}',
};
const hyperV = {
  channel: 'Microsoft-Windows-Hyper-V-VMMS-Admin',
  provider: 'Microsoft-Windows-Hyper-V-VMMS',
  guid: '{6066F867-7CA1-4418-85FD-36E3F9C0600C}',
};
const system = {
  channel: 'System',
  provider: 'Service Control Manager',
  guid: '{555908D1-A6D7-4695-8E1E-26931D2012F4}',
};

/** What the event log of a host of the cluster holds: mostly audit, then services, cluster and virtual machines. */
export function createWindowsLines(node: string, seed: number): (unixMs: number) => LogLine {
  const random = createRandom(seed);
  const recordIds = new Map<string, number>();
  const generation = random.hex(8);
  const sid = (): string => `S-1-5-21-3623811015-3361044348-30300820-${1000 + random.below(40)}`;
  const hexId = (): string => `0x${random.below(0xffffff).toString(16)}`;

  function logon(): Event {
    const account = random.pick(accounts);
    const data = {
      TargetUserSid: sid(),
      TargetUserName: account,
      TargetDomainName: 'HCI',
      TargetLogonId: hexId(),
      LogonType: String(random.pick([3, 3, 3, 5, 10])),
      LogonProcessName: 'Kerberos',
      AuthenticationPackageName: 'Kerberos',
      WorkstationName: '-',
      LogonGuid: `{${random.hex(8)}-${random.hex(4)}-${random.hex(4)}-${random.hex(4)}-${random.hex(12)}}`,
      ProcessId: '0x0',
      ProcessName: '-',
      IpAddress: `10.20.1.${random.below(250)}`,
      IpPort: String(49_152 + random.below(16_000)),
    };
    const body =
      `An account was successfully logged on.\r\n\r\nSubject:\r\n\tSecurity ID:\t\tS-1-0-0\r\n\tAccount Name:\t\t-\r\n\tAccount Domain:\t\t-\r\n\tLogon ID:\t\t0x0\r\n\r\n` +
      `Logon Information:\r\n\tLogon Type:\t\t${data.LogonType}\r\n\tRestricted Admin Mode:\t-\r\n\tVirtual Account:\t\tNo\r\n\tElevated Token:\t\tYes\r\n\r\n` +
      `New Logon:\r\n\tSecurity ID:\t\t${data.TargetUserSid}\r\n\tAccount Name:\t\t${account}\r\n\tAccount Domain:\t\tHCI\r\n\tLogon ID:\t\t${data.TargetLogonId}\r\n\tLogon GUID:\t\t${data.LogonGuid}\r\n\r\n` +
      `Network Information:\r\n\tWorkstation Name:\t-\r\n\tSource Network Address:\t${data.IpAddress}\r\n\tSource Port:\t\t${data.IpPort}`;
    return { ...security, id: 4624, task: 12_544, level: levels.info, keywords: '0x8020000000000000', body, data };
  }

  function process(): Event {
    const data = {
      SubjectUserSid: sid(),
      SubjectUserName: random.pick(accounts),
      SubjectLogonId: hexId(),
      NewProcessId: hexId(),
      NewProcessName: random.pick(programs),
      ProcessId: hexId(),
      CommandLine: `${random.pick(programs)} -k netsvcs -p -s ${random.pick(['Schedule', 'Winmgmt', 'BITS', 'wuauserv'])} -id ${random.below(90_000)}`,
      ParentProcessName: 'C:\\Windows\\System32\\services.exe',
    };
    const body =
      `A new process has been created.\r\n\r\nCreator Subject:\r\n\tSecurity ID:\t\t${data.SubjectUserSid}\r\n\tAccount Name:\t\t${data.SubjectUserName}\r\n\tLogon ID:\t\t${data.SubjectLogonId}\r\n\r\n` +
      `Process Information:\r\n\tNew Process ID:\t\t${data.NewProcessId}\r\n\tNew Process Name:\t${data.NewProcessName}\r\n\tCreator Process ID:\t${data.ProcessId}\r\n\tProcess Command Line:\t${data.CommandLine}`;
    return { ...security, id: 4688, task: 13_312, level: levels.info, keywords: '0x8020000000000000', body, data };
  }

  function service(): Event {
    const param1 = random.pick([
      'Windows Update',
      'WMI Performance Adapter',
      'Azure Connected Machine Agent',
      'Software Protection',
    ]);
    const param2 = random.pick(['running', 'stopped']);
    const body = `The ${param1} service entered the ${param2} state.`;
    return {
      ...system,
      id: 7036,
      task: 0,
      level: levels.info,
      keywords: '0x8080000000000000',
      body,
      data: { param1, param2 },
    };
  }

  function clustered(): Event {
    const bad = random.below(20) === 0;
    const volume = random.pick(volumes);
    const body = bad
      ? `Cluster Shared Volume '${volume}' has entered a paused state because of 'STATUS_IO_TIMEOUT(c00000b5)'. All I/O will temporarily be queued until a path to the volume is reestablished.`
      : `Cluster resource 'Virtual Machine vm-${random.below(120)}' in clustered role 'vm-${random.below(120)}' has transitioned from state OnlinePending to state Online.`;
    return {
      ...cluster,
      id: bad ? 5120 : 1637,
      task: 6,
      level: bad ? levels.error : levels.info,
      keywords: '0x8000000000000000',
      body,
      data: { ResourceName: bad ? volume : `Virtual Machine vm-${random.below(120)}`, NodeName: node },
    };
  }

  function virtualMachine(): Event {
    const vm = `vm-${random.below(120)}`;
    const body = `'${vm}' was ${random.pick(['started', 'saved', 'checkpointed', 'migrated'])} successfully. (Virtual machine ID ${random.hex(8).toUpperCase()}-4A1B-4C2D-9E3F-${random.hex(12).toUpperCase()})`;
    return {
      ...hyperV,
      id: 18_304,
      task: 0,
      level: levels.info,
      keywords: '0x8000000000000000',
      body,
      data: { VmName: vm },
    };
  }

  return (unixMs) => {
    const dice = random.below(100);
    const event =
      dice < 40 ? logon() : dice < 70 ? process() : dice < 82 ? service() : dice < 93 ? clustered() : virtualMachine();
    const recordId = (recordIds.get(event.channel) ?? 1_000_000) + 1;
    recordIds.set(event.channel, recordId);
    return {
      unixMs,
      severity: event.level[0],
      severityText: event.level[1],
      body: event.body,
      scope: 'windows.eventlog',
      attributes: {
        'log.record.uid': `${node}/${event.channel}/${generation}/${recordId}`,
        'windows.eventlog.channel': event.channel,
        'windows.eventlog.record_id': recordId,
        'windows.eventlog.event_id': event.id,
        'windows.eventlog.provider.name': event.provider,
        'windows.eventlog.provider.guid': event.guid,
        'windows.eventlog.computer': `${node}.hci.contoso.local`,
        'windows.eventlog.task': event.task,
        'windows.eventlog.keywords': event.keywords,
        'windows.eventlog.process.id': 4 + 4 * random.below(4000),
        'windows.eventlog.thread.id': 4 + 4 * random.below(8000),
        ...event.data,
      },
    };
  };
}
