/** Linux counts in USER_HZ, which has been 100 on every architecture that Node runs on. */
const ticksPerSecond = 100;

/** Values of cpu.mode that Linux tells apart. */
export type CpuMode = 'user' | 'nice' | 'system' | 'idle' | 'iowait' | 'interrupt' | 'steal';

export interface CpuStat {
  /** Seconds since boot per mode, all processors together. Soft interrupts count as `interrupt`. */
  seconds: Record<CpuMode, number>;
  logicalCount: number;
  processesCreated: number;
  bootUnixSeconds: number;
}

/** Reads /proc/stat; undefined when it does not look like one. */
export function parseCpuStat(text: string): CpuStat | undefined {
  const total = /^cpu +(.*)$/m.exec(text)?.[1]?.split(' ').map(Number);
  if (!total || total.length < 4) return undefined;
  // user nice system idle iowait irq softirq steal; guest and guest_nice are already part of user and nice.
  const at = (index: number) => (total[index] ?? 0) / ticksPerSecond;
  return {
    seconds: {
      user: at(0),
      nice: at(1),
      system: at(2),
      idle: at(3),
      iowait: at(4),
      interrupt: at(5) + at(6),
      steal: at(7),
    },
    logicalCount: text.match(/^cpu\d+ /gm)?.length ?? 0,
    processesCreated: Number(/^processes (\d+)/m.exec(text)?.[1] ?? 0),
    bootUnixSeconds: Number(/^btime (\d+)/m.exec(text)?.[1] ?? 0),
  };
}

/** Share of the time between two samples that went to each mode; undefined when no time has passed. */
export function cpuShares(before: CpuStat, after: CpuStat): Record<CpuMode, number> | undefined {
  const modes = Object.keys(after.seconds) as CpuMode[];
  // iowait and idle may step back by a tick on some kernels.
  const spent = modes.map((mode) => Math.max(0, after.seconds[mode] - before.seconds[mode]));
  const total = spent.reduce((sum, seconds) => sum + seconds, 0);
  if (total <= 0) return undefined;
  return Object.fromEntries(modes.map((mode, index) => [mode, (spent[index] ?? 0) / total])) as Record<CpuMode, number>;
}

/** Facts of /proc/cpuinfo: cores that are really there, and the mean clock when the kernel tells it. */
export function parseCpuInfo(text: string): { physicalCount: number | undefined; meanHz: number | undefined } {
  const cores = new Set<string>();
  let megahertz = 0;
  let samples = 0;
  let physicalId = '0';
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const name = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    if (name === 'physical id') physicalId = value;
    else if (name === 'core id') cores.add(`${physicalId}/${value}`);
    else if (name === 'cpu MHz') {
      megahertz += Number(value);
      samples += 1;
    }
  }
  return {
    physicalCount: cores.size > 0 ? cores.size : undefined,
    meanHz: samples > 0 ? (megahertz / samples) * 1e6 : undefined,
  };
}
