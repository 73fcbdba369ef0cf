import { expect, test } from 'vitest';
import { createPerformanceCounts } from '../../../../../agent/sources/host/windows/performance.ts';
import { createRecordedQuery } from '../counters/counter-query.ts';

const value = (instance: string, first: number, second = 0) => ({ instance, first, second });

test('tells of disks, paging and clock rate in the units of the conventions', async () => {
  const { query } = createRecordedQuery({
    '\\PhysicalDisk(*)\\Disk Read Bytes/sec': { raw: [value('0 C:', 4096), value('_Total', 4096)] },
    '\\PhysicalDisk(*)\\Disk Reads/sec': { raw: [value('0 C:', 3)] },
    '\\PhysicalDisk(*)\\Avg. Disk sec/Read': { raw: [value('0 C:', 25_000_000)] },
    '\\PhysicalDisk(*)\\% Idle Time': { raw: [value('0 C:', 4e7, 10e7)] },
    '\\Memory\\Page Faults/sec': { raw: [value('', 100)] },
    '\\Memory\\Page Reads/sec': { raw: [value('', 7)] },
    '\\Paging File(*)\\% Usage': { raw: [value('\\??\\C:\\pagefile.sys', 10, 100), value('_Total', 10, 100)] },
    '\\Processor Information(_Total)\\Processor Frequency': { raw: [value('', 2400)] },
  });
  const counts = createPerformanceCounts(query);
  expect(await counts.read()).toEqual({
    disks: [{ device: '0 C:', readBytes: 4096, reads: 3, readSeconds: 2.5, busySeconds: 6 }],
    ...{ majorFaults: 7, minorFaults: 93, frequencyHz: 2.4e9 },
    pageFiles: [{ device: 'C:\\pagefile.sys', usedBytes: 40_960, totalBytes: 409_600 }],
  });
  expect(counts.missing).toContain('\\PhysicalDisk(*)\\Disk Writes/sec');
});

test('lets counters of 32 bits grow on, and takes a small step back for a provider that began anew', async () => {
  const path = '\\PhysicalDisk(*)\\Disk Reads/sec';
  const { query, recording } = createRecordedQuery({ [path]: { raw: [] } });
  const counts = createPerformanceCounts(query);
  const seen: (number | undefined)[] = [];
  for (const first of [10, 2 ** 32 - 1, 5, 6, 2]) {
    recording[path] = { raw: [value('1', first)] };
    seen.push((await counts.read()).disks[0]?.reads);
  }
  expect(seen).toEqual([10, 2 ** 32 - 1, 2 ** 32 + 5, 2 ** 32 + 6, 2]);
});

test('a disk whose idle time is compared with the wall clock is busy since the agent looks, and never less than before', async () => {
  const path = '\\PhysicalDisk(*)\\% Idle Time';
  const { query, recording } = createRecordedQuery({ [path]: { raw: [] } });
  const counts = createPerformanceCounts(query);
  const seen: (number | undefined)[] = [];
  // 2026 as FILETIME; ten seconds, of which the disk idles for nine, and a clock that is set back by an hour.
  for (const [idleSeconds, clockSeconds] of [
    [500, 0],
    [509, 10],
    [510, -3_590],
    [511, 20],
  ] as const) {
    recording[path] = { raw: [value('0 C:', idleSeconds * 1e7, 134_000_000_000_000_000 + clockSeconds * 1e7)] };
    seen.push((await counts.read()).disks[0]?.busySeconds);
  }
  expect(seen.map((seconds) => Math.round(seconds ?? -1))).toEqual([0, 1, 1, 9]);
});
