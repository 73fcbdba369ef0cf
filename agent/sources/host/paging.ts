export interface SwapDevice {
  device: string;
  totalBytes: number;
  usedBytes: number;
}

/** Reads /proc/swaps. */
export function parseSwaps(text: string): SwapDevice[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/))
    .filter((fields) => fields.length >= 4)
    .map(([device = '', , total, used]) => ({
      device,
      totalBytes: Number(total) * 1024,
      usedBytes: Number(used) * 1024,
    }));
}

export interface PagingCounts {
  majorFaults: number;
  minorFaults: number;
  pagesIn: number;
  pagesOut: number;
}

/** Takes the paging counters out of /proc/vmstat; undefined on a kernel that does not keep them. */
export function parsePaging(text: string): PagingCounts | undefined {
  const count = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  const faults = count('pgfault');
  const majorFaults = count('pgmajfault');
  if (Number.isNaN(faults) || Number.isNaN(majorFaults)) return undefined;
  return {
    majorFaults,
    minorFaults: faults - majorFaults,
    pagesIn: count('pswpin') || 0,
    pagesOut: count('pswpout') || 0,
  };
}
