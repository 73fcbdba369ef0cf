/** /proc/meminfo as bytes by its own names. */
export function parseMemInfo(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const match of text.matchAll(/^([^:\n]+): +(\d+)( kB)?$/gm)) {
    values.set(match[1] ?? '', Number(match[2]) * (match[3] ? 1024 : 1));
  }
  return values;
}

export interface MemoryUse {
  totalBytes: number;
  availableBytes: number | undefined;
  sharedBytes: number;
  slab: { reclaimable: number; unreclaimable: number };
  /** Adds up to `totalBytes`, so that shares add up to one. */
  states: { used: number; free: number; cached: number; buffers: number };
}

/** Splits the memory as the conventions do; what can be reclaimed from slab counts as cached, as in `free`. */
export function memoryUse(info: Map<string, number>): MemoryUse | undefined {
  const totalBytes = info.get('MemTotal');
  const free = info.get('MemFree');
  if (totalBytes === undefined || free === undefined) return undefined;
  const buffers = info.get('Buffers') ?? 0;
  const reclaimable = info.get('SReclaimable') ?? 0;
  const cached = (info.get('Cached') ?? 0) + reclaimable;
  return {
    totalBytes,
    availableBytes: info.get('MemAvailable'),
    sharedBytes: info.get('Shmem') ?? 0,
    slab: { reclaimable, unreclaimable: info.get('SUnreclaim') ?? 0 },
    states: { used: Math.max(0, totalBytes - free - buffers - cached), free, cached, buffers },
  };
}
