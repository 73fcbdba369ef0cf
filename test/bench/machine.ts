import { availableParallelism, loadavg, totalmem } from 'node:os';

/** What a figure was measured on. */
export const machine = {
  cpus: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.versions.node,
  /** Processes that wanted a core in the minute before: figures of a busy machine are known by it. */
  loadBefore: Number(loadavg()[0]?.toFixed(1)),
};

/** The value that so many of a hundred are at or below. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 50);

export const round = (value: number, digits: number): number => Number(value.toFixed(digits));
