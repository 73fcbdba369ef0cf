import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cpuShares, parseCpuInfo, parseCpuStat } from '../../../../../agent/sources/host/cpu.ts';
import { parseDiskStats } from '../../../../../agent/sources/host/disks.ts';
import { memoryUse, parseMemInfo } from '../../../../../agent/sources/host/memory.ts';
import { parseMounts } from '../../../../../agent/sources/host/mounts.ts';
import { countConnections, parseNetDev } from '../../../../../agent/sources/host/network.ts';
import { parsePaging, parseSwaps } from '../../../../../agent/sources/host/paging.ts';
import { processState } from '../../../../../agent/sources/host/processes.ts';

const recorded = (name: string) => readFileSync(`test/data/linux-node/proc/${name}`, 'utf8');

test('sums processor time per mode and counts soft interrupts as interrupts', () => {
  const stat = parseCpuStat('cpu  100 20 30 400 5 6 7 8 90 1\ncpu0 1 2 3\ncpu1 1 2 3\nprocesses 77\nbtime 1000\n');
  expect(stat).toEqual({
    seconds: { user: 1, nice: 0.2, system: 0.3, idle: 4, iowait: 0.05, interrupt: 0.13, steal: 0.08 },
    logicalCount: 2,
    processesCreated: 77,
    bootUnixSeconds: 1000,
  });
});

test('gives shares of the time between two samples that add up to one', () => {
  const before = parseCpuStat('cpu  100 0 100 800 0 0 0 0\n');
  const after = parseCpuStat('cpu  150 0 125 825 0 0 0 0\n');
  if (!before || !after) throw new Error('not parsed');
  expect(cpuShares(before, after)).toMatchObject({ user: 0.5, system: 0.25, idle: 0.25, steal: 0 });
  expect(cpuShares(after, after)).toBeUndefined();
});

test('reads a recorded /proc/stat and /proc/cpuinfo', () => {
  const stat = parseCpuStat(recorded('stat'));
  expect(stat?.logicalCount).toBe(2);
  expect(stat?.processesCreated).toBeGreaterThan(0);
  expect(parseCpuInfo(recorded('cpuinfo')).meanHz).toBeGreaterThan(1e9);
});

test('counts a core once however many threads it has', () => {
  const threads = ['0', '0', '1', '1'].map((core) => `physical id\t: 0\ncore id\t\t: ${core}\ncpu MHz\t\t: 2000\n`);
  expect(parseCpuInfo(threads.join('\n'))).toEqual({ physicalCount: 2, meanHz: 2e9 });
  expect(parseCpuInfo('processor : 0\nmodel name : ARM\n')).toEqual({ physicalCount: undefined, meanHz: undefined });
});

test('splits memory into states that add up to the total', () => {
  const use = memoryUse(parseMemInfo(recorded('meminfo')));
  expect(use?.totalBytes).toBe(24684092 * 1024);
  expect(Object.values(use?.states ?? {}).reduce((sum, bytes) => sum + bytes, 0)).toBe(use?.totalBytes);
  expect(memoryUse(parseMemInfo('garbage'))).toBeUndefined();
});

test('reads swap devices and paging counters', () => {
  expect(parseSwaps(recorded('swaps'))).toEqual([
    { device: '/dev/dm-1', totalBytes: 4194300 * 1024, usedBytes: 512 * 1024 * 1024 },
  ]);
  const paging = parsePaging(recorded('vmstat'));
  expect(paging?.minorFaults).toBeGreaterThan(paging?.majorFaults ?? 0);
  expect(parsePaging('')).toBeUndefined();
});

test('leaves memory disks and loop devices out', () => {
  const disks = parseDiskStats(recorded('diskstats'));
  expect(disks.map(({ device }) => device)).toEqual(['vda']);
  expect(disks[0]?.readBytes).toBeGreaterThan(0);
});

test('leaves partitions out when it is told the whole disks', () => {
  const line = (name: string) => `8 0 ${name} 1 2 3 4 5 6 7 8 0 10 11`;
  const text = [line('sda'), line('sda1'), line('nvme0n1'), line('nvme0n1p2')].join('\n');
  const disks = parseDiskStats(text, (device) => ['sda', 'nvme0n1'].includes(device));
  expect(disks).toEqual([
    expect.objectContaining({ device: 'sda', readBytes: 1536, readSeconds: 0.004, busySeconds: 0.01 }),
    expect.objectContaining({ device: 'nvme0n1' }),
  ]);
});

test('takes each real filesystem once', () => {
  expect(parseMounts(recorded('self/mountinfo')).map(({ mountpoint, type, mode }) => [mountpoint, type, mode])).toEqual(
    [
      ['/', 'ext4', 'rw'],
      ['/srv/exports', 'xfs', 'rw'],
      ['/mnt/backup', 'nfs4', 'ro'],
      ['/data', 'btrfs', 'rw'],
    ],
  );
});

test('reads a mount point with a space in it', () => {
  const [mount] = parseMounts('50 27 8:17 / /srv/shared\\040data rw - xfs /dev/sdb1 rw');
  expect(mount?.mountpoint).toBe('/srv/shared data');
});

test("takes a container's overlay root for a filesystem", () => {
  expect(parseMounts('1 0 0:99 / / rw - overlay overlay rw')[0]?.mountpoint).toBe('/');
});

test('reads interfaces, also when the counter sticks to the colon', () => {
  expect(parseNetDev(recorded('net/dev')).map(({ name }) => name)).toContain('eth0');
  const [counts] = parseNetDev('h\nh\neth0:100 2 3 4 0 0 0 0 500 6 7 8 0 0 0 0\n');
  expect(counts).toEqual({
    name: 'eth0',
    receivedBytes: 100,
    receivedPackets: 2,
    receivedErrors: 3,
    receivedDropped: 4,
    sentBytes: 500,
    sentPackets: 6,
    sentErrors: 7,
    sentDropped: 8,
  });
});

test('counts connections by state', () => {
  const counts = new Map<string, number>();
  countConnections(recorded('net/tcp'), counts);
  expect(Object.fromEntries(counts)).toEqual({ listen: 1, established: 1, time_wait: 1 });
});

test('is not misled by a process name with brackets', () => {
  expect(processState('2 (a) R (b) Z 1 1')).toBe('defunct');
  expect(processState('1 (kworker/0:1) I 2')).toBe('sleeping');
  expect(processState('')).toBeUndefined();
});
