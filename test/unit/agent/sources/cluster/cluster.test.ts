import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Profile, profileDefaults } from '../../../../../agent/profile/profile.ts';
import { historySamples } from '../../../../../agent/sources/cluster/capacity-history.ts';
import { clusterSamples } from '../../../../../agent/sources/cluster/cluster-state.ts';
import { createFaultJournal } from '../../../../../agent/sources/cluster/fault-journal.ts';
import { faultSamples, parseHealthFaults } from '../../../../../agent/sources/cluster/health-faults.ts';
import { createLeadership } from '../../../../../agent/sources/cluster/leadership.ts';
import { createClusterSource } from '../../../../../agent/sources/cluster/source-windows.ts';
import { storageSamples } from '../../../../../agent/sources/cluster/storage-state.ts';
import { root } from '../../../../../config/root.ts';
import { createStandIn } from '../../powershell/stand-in.ts';
import { createRecordingPipeline } from '../recording-pipeline.ts';
import { createSourceContext } from '../source-context.ts';

const recorded = () => JSON.parse(readFileSync(join(root, 'test/data/powershell/cluster-5.1.json'), 'utf8'));

interface Told {
  metric: string;
  value: number;
  attributes?: Readonly<Record<string, unknown>>;
}
/** `metric` → name of what it is about → value. */
function table(samples: readonly Told[], metric: string, attribute: string): Record<string, number> {
  return Object.fromEntries(
    samples
      .filter((sample) => sample.metric === metric)
      .map(({ value, attributes }) => [String(attributes?.[attribute]), value]),
  );
}

test('reads nodes, groups, volumes, networks and quorum of Windows PowerShell', () => {
  const samples = clusterSamples(recorded());
  expect(table(samples, 'azurelocal.node.up', 'azurelocal.node.name')).toEqual({ NODE1: 1, NODE2: 0, NODE3: 0 });
  expect(table(samples, 'azurelocal.node.up', 'azurelocal.node.state')).toEqual({ Up: 1, Down: 0, Paused: 0 });
  // Empty available storage is offline and no fault.
  expect(table(samples, 'azurelocal.group.online', 'azurelocal.group.name')).toEqual({
    Clustergruppe: 1,
    'vm-portal': 0,
  });
  expect(table(samples, 'azurelocal.network.up', 'azurelocal.network.name')).toEqual({ Storage1: 1 });
  expect(table(samples, 'azurelocal.quorum.witness.up', 'azurelocal.witness.state')).toEqual({ Failed: 0 });
  expect(samples.find(({ metric }) => metric === 'azurelocal.quorum.votes')?.value).toBe(1);
  expect(table(samples, 'azurelocal.csv.utilization', 'azurelocal.csv.path')).toEqual({
    'C:\\ClusterStorage\\UserStorage_1': expect.closeTo(0.8, 5),
  });
  expect(Object.values(table(samples, 'azurelocal.csv.online', 'azurelocal.csv.name'))).toEqual([1, 0]);
  expect(table(samples, 'azurelocal.csv.redirected', 'azurelocal.csv.node')).toEqual({ NODE1: 0, NODE3: 1 });
});

test('names of PowerShell 7 mean the same as numbers of Windows PowerShell', () => {
  const written = {
    ...recorded(),
    nodes: [
      { Name: 'NODE1', State: 'Up', DynamicWeight: 1 },
      { Name: 'NODE2', State: 'Down', DynamicWeight: 0 },
    ],
    groups: { Name: 'Clustergruppe', GroupType: 'Cluster', State: 'Online' },
  };
  const samples = clusterSamples(written);
  expect(table(samples, 'azurelocal.node.up', 'azurelocal.node.name')).toEqual({ NODE1: 1, NODE2: 0 });
  expect(table(samples, 'azurelocal.group.online', 'azurelocal.group.type')).toEqual({ Cluster: 1 });
});

test('volumes whose I/O takes another way are told apart from ReFS, which always does', () => {
  const state = (StateInfo: unknown, FileSystemReason = '', BlockReason = '') => ({
    Name: `${StateInfo} ${FileSystemReason}`.trim(),
    Node: 'NODE1',
    StateInfo,
    FileSystemReason,
    BlockReason,
  });
  const samples = clusterSamples({
    ...recorded(),
    volumeStates: [
      state('Direct', 'NotFileSystemRedirected', 'NotBlockRedirected'),
      state('FileSystemRedirected', 'FileSystemReFs', 'NotBlockRedirected'),
      state('FileSystemRedirected', 'IncompatibleVolumeFilter, FileSystemReFs'),
      state('BlockRedirected', 'FileSystemReFs', 'NoDiskConnectivity'),
      state(3),
      state(1),
      state(77),
    ],
  });
  expect(table(samples, 'azurelocal.csv.redirected', 'azurelocal.csv.name')).toEqual({
    'Direct NotFileSystemRedirected': 0,
    'FileSystemRedirected FileSystemReFs': 0,
    'FileSystemRedirected IncompatibleVolumeFilter, FileSystemReFs': 1,
    'BlockRedirected FileSystemReFs': 1,
    3: 1,
    1: 1,
  });
  expect(table(samples, 'azurelocal.csv.redirected', 'azurelocal.csv.redirection_reason')).toMatchObject({
    NoDiskConnectivity: 1,
    'IncompatibleVolumeFilter, FileSystemReFs': 1,
  });
});

test('a state that Windows itself does not know is left out, never taken for down', () => {
  const unknown = { Name: 'X', State: -1 };
  const samples = clusterSamples({
    ...recorded(),
    nodes: [unknown, { Name: 'Y', State: 42 }],
    groups: [{ ...unknown, GroupType: 122 }],
    networks: [unknown],
    witness: [unknown],
    volumes: [unknown],
    volumeStates: [],
  });
  expect(samples.map(({ metric }) => metric)).toEqual(['azurelocal.quorum.votes']);
});

test('only the node that owns the core group reports', () => {
  expect(clusterSamples({ ...recorded(), computer: 'NODE2' })).toEqual([]);
  expect(clusterSamples({ computer: 'NODE2', leader: 'NODE1' })).toEqual([]);
  expect(clusterSamples({ computer: 'NODE2' })).toEqual([]);
});

test('reads pools, disks and jobs; unknown health is left out', () => {
  const samples = storageSamples({
    pools: {
      FriendlyName: 'SU1_Pool',
      UniqueId: '{1}',
      HealthStatus: 1,
      OperationalStatus: ['Degraded'],
      Size: '16000900661248',
      AllocatedSize: 8000450330624,
    },
    virtualDisks: [
      {
        FriendlyName: 'UserStorage_1',
        HealthStatus: 'Unhealthy',
        OperationalStatus: ['No Redundancy', 'In Service'],
        Size: 10,
        FootprintOnPool: 30,
      },
      { FriendlyName: 'Infrastructure_1', HealthStatus: 5, Size: 10 },
    ],
    physicalDisks: [
      {
        FriendlyName: 'SSD',
        SerialNumber: '  ABC ',
        HealthStatus: 0,
        MediaType: 4,
        Usage: 1,
        Size: 5,
        AllocatedSize: null,
      },
    ],
    jobs: {
      Name: 'Repair',
      UniqueId: '{2}',
      JobState: 'Running',
      PercentComplete: 25,
      BytesProcessed: 10,
      BytesTotal: 40,
    },
  });
  expect(table(samples, 'azurelocal.pool.health', 'azurelocal.pool.status')).toEqual({ Degraded: 1 });
  expect(table(samples, 'azurelocal.pool.size', 'azurelocal.pool.name')).toEqual({ SU1_Pool: 16_000_900_661_248 });
  expect(table(samples, 'azurelocal.virtual_disk.health', 'azurelocal.virtual_disk.status')).toEqual({
    'No Redundancy, In Service': 2,
  });
  expect(table(samples, 'azurelocal.physical_disk.health', 'azurelocal.physical_disk.serial')).toEqual({ ABC: 0 });
  expect(samples.some(({ metric }) => metric === 'azurelocal.physical_disk.allocated')).toBe(false);
  expect(table(samples, 'azurelocal.storage_job.progress', 'azurelocal.storage_job.name')).toEqual({ Repair: 0.25 });
  expect(table(samples, 'azurelocal.storage_job.remaining', 'azurelocal.storage_job.state')).toEqual({ Running: 30 });
});

const fault = (id: string, over: object = {}) => ({
  FaultId: id,
  FaultType: 'Microsoft.Health.FaultType.PhysicalDisk.FailedMedia',
  PerceivedSeverity: 6,
  Reason: 'The disk has failed.',
  FaultTime: '/Date(1795860000000)/',
  FaultingObjectDescription: 'Disk ABC',
  FaultingObjectLocation: 'Slot 3',
  RecommendedActions: 'Replace the physical disk.',
  ...over,
});

const alone = { sinceUnixMs: () => undefined };

test('faults are told when they come, change and go, also over a restart of the agent', () => {
  const pipeline = createRecordingPipeline();
  const tell = (...faults: object[]) =>
    createFaultJournal(pipeline.pipeline, alone).tell(parseHealthFaults({ faults }));
  expect(tell(fault('1'))).toBe(1);
  pipeline.restart();
  expect(tell(fault('1'))).toBe(0);
  expect(tell(fault('1', { Reason: 'It is being rebuilt.' }), fault('2', { PerceivedSeverity: 'Minor' }))).toBe(2);
  pipeline.restart();
  expect(tell(fault('2', { PerceivedSeverity: 'Minor' }))).toBe(1);
  pipeline.restart();
  expect(pipeline.records.map(({ eventName, severityText }) => [eventName, severityText])).toEqual([
    ['azurelocal.health.fault.created', 'ERROR'],
    ['azurelocal.health.fault.updated', 'ERROR'],
    ['azurelocal.health.fault.created', 'WARN'],
    ['azurelocal.health.fault.removed', 'INFO'],
  ]);
  expect(pipeline.records[0]?.attributes).toMatchObject({
    'azurelocal.health.fault.type': 'Microsoft.Health.FaultType.PhysicalDisk.FailedMedia',
    'azurelocal.health.fault.severity': 'Critical',
    'azurelocal.health.fault.recommended_actions': 'Replace the physical disk.',
    'azurelocal.health.fault.time': '2026-11-28T10:00:00.000Z',
  });
});

test('a fault that was not durable when the power went out is told again', () => {
  const pipeline = createRecordingPipeline();
  const tell = () => createFaultJournal(pipeline.pipeline, alone).tell(parseHealthFaults({ faults: fault('1') }));
  expect(tell()).toBe(1);
  pipeline.crash();
  expect(tell()).toBe(1);
});

test('over a change of leader a fault is created once, and what is told again has the same uid', () => {
  let nowMs = Date.parse('2026-11-28T09:00:00Z');
  const at = (FaultTime: string, over: object = {}) => ({ FaultTime, ...over });
  const node = (recording = createRecordingPipeline()) => {
    const leadership = createLeadership({ logs: recording.pipeline, nowMs: () => nowMs });
    const journal = createFaultJournal(recording.pipeline, leadership);
    return {
      recording,
      leadership,
      tell: (...faults: object[]) => journal.tell(parseHealthFaults({ faults })),
    };
  };
  let first = node();
  let second = node();
  const old = fault('old', at('2026-11-28T08:00:00Z'));
  first.leadership.saw(true);
  second.leadership.saw(false);
  first.tell(old);
  nowMs = Date.parse('2026-11-28T12:00:00Z');
  // What the first one's agent may not have told any more before it died, and what came after.
  const late = fault('late', at('2026-11-28T11:58:00Z'));
  const fresh = fault('fresh', at('2026-11-28T12:01:00Z'));
  second.leadership.saw(true);
  second.recording.restart();
  second = node(second.recording);
  second.leadership.saw(true);
  second.tell(old, late, fresh);
  expect(second.leadership.sinceUnixMs()).toBe(nowMs);
  first.leadership.saw(false);
  // It leads again: what went and what changed meanwhile is told again, and told apart as well.
  second.recording.restart();
  second = node(second.recording);
  second.tell(late, fault('fresh', at('2026-11-28T12:01:00Z', { Reason: 'It is being rebuilt.' })));
  first.recording.restart();
  first = node(first.recording);
  first.leadership.saw(true);
  first.tell(late);
  const told = (of: typeof first) => {
    of.recording.restart();
    return of.recording.records.map(({ eventName = '', attributes = {} }) => [
      eventName.split('.').at(-1),
      attributes['azurelocal.health.fault.id'],
      attributes['log.record.uid'],
    ]);
  };
  const [ofFirst, ofSecond] = [told(first), told(second)];
  expect(ofFirst.map(([event, id]) => `${event} ${id}`)).toEqual(['created old', 'created late', 'removed old']);
  expect(ofSecond.map(([event, id]) => `${event} ${id}`)).toEqual([
    'open old',
    'created late',
    'created fresh',
    'updated fresh',
    'removed old',
  ]);
  const uids = (records: unknown[][]) => records.map(([, , uid]) => uid);
  expect(new Set(uids(ofSecond)).size).toBe(5);
  for (const uid of uids(ofFirst)) expect(uids(ofSecond)).toContain(uid);
});

test('open faults are samples with their severity; one that is not told counts as degraded', () => {
  const faults = parseHealthFaults({
    faults: [fault('1'), fault('2', { PerceivedSeverity: null }), { Reason: 'no id' }],
  });
  expect(faultSamples(faults).map(({ value }) => value)).toEqual([6, 3]);
});

test('the capacity history keeps its own times; days and hours of one series are one', () => {
  const samples = historySamples({
    series: [
      {
        metric: 'volume.available',
        name: 'UserStorage_1',
        points: [
          { Time: '/Date(1795860000000)/', Value: 500 },
          { Time: '2026-11-27T10:00:00Z', Value: 600 },
          { Time: '/Date(1795860000000)/', Value: 501 },
          { Time: null, Value: 1 },
          // .NET's last moment does not fit nanoseconds, and would cost the whole history.
          { Time: '/Date(253402300799999)/', Value: 1 },
        ],
      },
      { metric: 'node.cpu', name: 'NODE1', points: { Time: '2026-11-28T10:00:00Z', Value: 12.5 } },
      { metric: 'something.new', name: 'x', points: [{ Time: '2026-11-28T10:00:00Z', Value: 1 }] },
    ],
  });
  expect(samples.map(({ metric, value, unixMs }) => [metric, value, unixMs])).toEqual([
    ['azurelocal.history.volume.available', 600, 1_795_773_600_000],
    ['azurelocal.history.volume.available', 501, 1_795_860_000_000],
    ['azurelocal.history.node.cpu.utilization', 0.125, 1_795_860_000_000],
  ]);
});

let standIn: ReturnType<typeof createStandIn>;
beforeEach(() => {
  standIn = createStandIn();
});
afterEach(() => standIn.remove());

function startSource(pipeline = createRecordingPipeline()) {
  const cluster = { ...(profileDefaults as Profile).cluster, enabled: true, every: 50, faultsEvery: 50 };
  const { context, reported } = createSourceContext({ logs: pipeline.pipeline, profile: { cluster } });
  const source = createClusterSource(context, { powerShell: standIn.options, placeOf: () => 0 });
  return { source, reported, pipeline };
}

test('the source asks one script after the other and reports what they print', async () => {
  standIn.write('cluster', { print: JSON.stringify(recorded()) });
  standIn.write('storage', { print: '{"pools":{"FriendlyName":"P","HealthStatus":0}}' });
  standIn.write('health-faults', { print: JSON.stringify({ faults: fault('1') }) });
  standIn.write('capacity-history', { print: '{"series":[]}' });
  const { source, reported, pipeline } = startSource();
  await source.start();
  for (const metric of ['azurelocal.node.up', 'azurelocal.pool.health', 'azurelocal.health.fault']) {
    await vi.waitFor(() => expect(reported.map((sample) => sample.metric)).toContain(metric), { timeout: 60_000 });
  }
  await vi.waitFor(() => expect(pipeline.records.length).toBeGreaterThan(0), { timeout: 20_000 });
  expect(source.health()).toMatchObject({ name: 'cluster', state: 'running' });
  await source.close();
});

test('the capacity history is read once, by the first answer that holds one', async () => {
  standIn.write('cluster', { print: JSON.stringify(recorded()) });
  standIn.write('storage', { print: '{}' });
  standIn.write('health-faults', { print: '{"faults":[]}' });
  standIn.write('capacity-history', { print: '{"series":[{"metric":"node.cpu","name":"NODE1","points":[]}]}' });
  const key = 'cluster:capacity-history';
  const pipeline = createRecordingPipeline();
  const first = startSource(pipeline);
  await first.source.start();
  await vi.waitFor(() => expect(first.source.health().lastRecordUnixMs).toBeDefined(), { timeout: 60_000 });
  await first.source.close();
  expect(pipeline.pipeline.position(key)).toBeUndefined();

  const points = [{ Time: '2026-11-28T10:00:00Z', Value: 12.5 }];
  standIn.write('capacity-history', { print: JSON.stringify({ series: [{ metric: 'node.cpu', name: 'N', points }] }) });
  const second = startSource(pipeline);
  await second.source.start();
  await vi.waitFor(() => expect(pipeline.pipeline.position(key)).toBe('read'), { timeout: 60_000 });
  await second.source.close();
  expect(second.reported.map(({ metric }) => metric)).toContain('azurelocal.history.node.cpu.utilization');
  expect(pipeline.records.map(({ eventName }) => eventName)).toEqual(['sextant.agent.capacity_history']);
});

test('a node that does not lead asks for nothing more', async () => {
  standIn.write('cluster', { print: '{"computer":"NODE2","leader":"NODE1"}' });
  const { source, reported } = startSource();
  await source.start();
  await vi.waitFor(() => expect(source.health().state).toBe('running'), { timeout: 60_000 });
  await source.close();
  // The other scripts are not even there.
  expect(source.health().state).toBe('starting');
  expect(reported).toEqual([]);
});

test('a cluster service that is down makes the source failing, with the words of PowerShell', async () => {
  standIn.write('cluster', { exit: 1, error: 'Get-ClusterGroup : The cluster service is not running.' });
  const { source } = startSource();
  await source.start();
  await vi.waitFor(() => expect(source.health().state).toBe('failing'), { timeout: 60_000 });
  expect(source.health().detail).toContain('The cluster service is not running');
  await source.close();
});
