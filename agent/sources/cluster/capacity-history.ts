import type { Sample } from '../../pipeline/metric-data.ts';
import { number, type Row, rows, text, unixMs } from '../../powershell/json-values.ts';
import type { ClusterMetric } from '../azure-local-metrics.ts';

/** Windows counts processor use in percent. */
const series: Record<string, { metric: ClusterMetric; attribute: string; scale: number }> = {
  'node.cpu': { metric: 'azurelocal.history.node.cpu.utilization', attribute: 'azurelocal.node.name', scale: 0.01 },
  'node.memory': { metric: 'azurelocal.history.node.memory.used', attribute: 'azurelocal.node.name', scale: 1 },
  'volume.size': { metric: 'azurelocal.history.volume.size', attribute: 'azurelocal.volume.name', scale: 1 },
  'volume.available': { metric: 'azurelocal.history.volume.available', attribute: 'azurelocal.volume.name', scale: 1 },
};
/** 400 days and 35 days of hours for 16 nodes and 64 volumes, twice over. */
const maxSamples = 400_000;

/** 2262: nanoseconds of what comes later do not fit OTLP. */
const lastMs = 9_223_372_036_854;

/** Samples with their own times of the answer of capacity-history.ps1: oldest first, each time of a series once. */
export function historySamples(answer: Row): Sample<ClusterMetric>[] {
  const samples: Sample<ClusterMetric>[] = [];
  for (const one of rows(answer.series)) {
    const known = series[text(one.metric) ?? ''];
    const name = text(one.name);
    if (!known || name === undefined) continue;
    const byTime = new Map<number, number>();
    for (const point of rows(one.points)) {
      const at = unixMs(point.Time);
      const value = number(point.Value);
      if (at !== undefined && at <= lastMs && value !== undefined) byTime.set(at, value);
    }
    for (const [at, value] of [...byTime].sort(([a], [b]) => a - b)) {
      if (samples.length >= maxSamples) return samples;
      const { metric, attribute, scale } = known;
      samples.push({ metric, value: value * scale, attributes: { [attribute]: name }, unixMs: at });
    }
  }
  return samples;
}
