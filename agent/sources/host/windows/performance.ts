import type { Counter, CounterQuery, RawValue } from '../../../windows/pdh.ts';

/** 100 ns. */
const ticksOfIdleTime = 1e7;
const pageBytes = 4096;
const total = '_Total';

const paths = {
  readBytes: '\\PhysicalDisk(*)\\Disk Read Bytes/sec',
  writtenBytes: '\\PhysicalDisk(*)\\Disk Write Bytes/sec',
  reads: '\\PhysicalDisk(*)\\Disk Reads/sec',
  writes: '\\PhysicalDisk(*)\\Disk Writes/sec',
  readTime: '\\PhysicalDisk(*)\\Avg. Disk sec/Read',
  writeTime: '\\PhysicalDisk(*)\\Avg. Disk sec/Write',
  idleTime: '\\PhysicalDisk(*)\\% Idle Time',
  pageFaults: '\\Memory\\Page Faults/sec',
  pageReads: '\\Memory\\Page Reads/sec',
  pagesIn: '\\Memory\\Pages Input/sec',
  pagesOut: '\\Memory\\Pages Output/sec',
  pageFiles: '\\Paging File(*)\\% Usage',
  frequency: '\\Processor Information(_Total)\\Processor Frequency',
} as const;
type Name = keyof typeof paths;

export interface DiskCounts {
  device: string;
  readBytes?: number;
  writtenBytes?: number;
  reads?: number;
  writes?: number;
  readSeconds?: number;
  writeSeconds?: number;
  busySeconds?: number;
}

export interface PerformanceCounts {
  disks: DiskCounts[];
  majorFaults?: number;
  minorFaults?: number;
  pagesIn?: number;
  pagesOut?: number;
  pageFiles: { device: string; usedBytes: number; totalBytes: number }[];
  frequencyHz?: number;
}

/**
 * What of a host only performance counters tell: disks, paging, clock rate. The counters' raw values are taken, which
 * grow as Linux's do, so that rates are made where they are looked at and a lost sample costs nothing.
 */
export function createPerformanceCounts(query: CounterQuery) {
  const counters = new Map<Name, Counter>();
  const missing: string[] = [];
  const grown = createGrowth();
  const busy = createBusyTime();
  for (const [name, path] of Object.entries(paths) as [Name, string][]) {
    const { counter } = query.add(path);
    if (counter === undefined) missing.push(path);
    else counters.set(name, counter);
  }

  function values(name: Name): RawValue[] {
    const counter = counters.get(name);
    return counter === undefined ? [] : query.raw(counter);
  }
  const single = (name: Name): number | undefined => {
    const [value] = values(name);
    return value && grown(name, value.first);
  };

  return {
    /** Counters that this machine does not have, by their path. */
    missing,
    async read(): Promise<PerformanceCounts> {
      if (counters.size === 0 || !(await query.collect())) return { disks: [], pageFiles: [] };
      const disks = new Map<string, DiskCounts>();
      const perDisk = (name: Name, set: (disk: DiskCounts, value: number, raw: RawValue) => void) => {
        for (const raw of values(name)) {
          if (raw.instance === total) continue;
          const disk = disks.get(raw.instance) ?? { device: raw.instance };
          disks.set(raw.instance, disk);
          set(disk, grown(`${name} ${raw.instance}`, raw.first), raw);
        }
      };
      const secondsOf = (name: Name): number => query.ticksPerSecond(counters.get(name) ?? 0n) || ticksOfIdleTime;
      perDisk('readBytes', (disk, value) => {
        disk.readBytes = value;
      });
      perDisk('writtenBytes', (disk, value) => {
        disk.writtenBytes = value;
      });
      perDisk('reads', (disk, value) => {
        disk.reads = value;
      });
      perDisk('writes', (disk, value) => {
        disk.writes = value;
      });
      perDisk('readTime', (disk, value) => {
        disk.readSeconds = value / secondsOf('readTime');
      });
      perDisk('writeTime', (disk, value) => {
        disk.writeSeconds = value / secondsOf('writeTime');
      });
      perDisk('idleTime', (disk, _, { first, second }) => {
        // The second value is the clock that the first one is compared with.
        if (second >= first) disk.busySeconds = busy(disk.device, (second - first) / ticksOfIdleTime);
      });
      const [faults, majorFaults] = [single('pageFaults'), single('pageReads')];
      const [pagesIn, pagesOut] = [single('pagesIn'), single('pagesOut')];
      const [frequency] = values('frequency');
      return {
        disks: [...disks.values()],
        ...(majorFaults !== undefined && { majorFaults }),
        ...(faults !== undefined && majorFaults !== undefined && { minorFaults: Math.max(0, faults - majorFaults) }),
        ...(pagesIn !== undefined && { pagesIn }),
        ...(pagesOut !== undefined && { pagesOut }),
        pageFiles: values('pageFiles')
          .filter(({ instance, second }) => instance !== total && second > 0)
          .map(({ instance, first, second }) => ({
            device: instance.replace(/^\\\?\?\\/, ''),
            usedBytes: first * pageBytes,
            totalBytes: second * pageBytes,
          })),
        ...(frequency && frequency.first > 0 && { frequencyHz: frequency.first * 1e6 }),
      };
    },
  };
}

const wrap = 2 ** 32;

/**
 * Lets counters grow past 32 bits, which many of Windows' counters have: a large step down is a wrap, a small one a
 * provider that was restarted.
 */
function createGrowth(): (key: string, value: number) => number {
  const known = new Map<string, { last: number; base: number }>();
  return (key, value) => {
    const before = known.get(key) ?? { last: value, base: 0 };
    const wrapped = value < before.last && before.last < wrap && before.last - value > wrap / 2;
    const base = wrapped ? before.base + wrap : value < before.last ? 0 : before.base;
    known.set(key, { last: value, base });
    return base + value;
  };
}

/** Since 1601, where the clock of some drivers begins, is longer than any machine has run. */
const longestRunSeconds = 1e9;

/**
 * Busy time of disks that only grows. Idle time counts from the start of Windows, and the clock beside it may be that of
 * the wall: the centuries before are taken off, and a clock that is set back takes nothing.
 */
function createBusyTime(): (device: string, seconds: number) => number {
  const known = new Map<string, { before: number; last: number }>();
  return (device, seconds) => {
    const { before, last } = known.get(device) ?? { before: seconds > longestRunSeconds ? seconds : 0, last: 0 };
    const now = Math.max(last, seconds - before);
    known.set(device, { before, last: now });
    return now;
  };
}
