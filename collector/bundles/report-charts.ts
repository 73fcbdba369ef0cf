import type { Redactor } from '../../bundle/redaction/redactor.ts';
import type { ReportChart } from '../../bundle/report-chart.ts';
import type { Aggregation } from '../api/shapes/metrics.ts';
import { readMetricSeries } from '../query/metric-series.ts';
import type { Store } from '../store/store.ts';

interface ChartPlan {
  title: string;
  metric: string;
  unit: string;
  aggregation: Aggregation;
  by: string[];
  where?: { name: string; value: string };
  change?: (value: number) => number;
}

/** The four questions of a first look, and the disks that run full. */
const plans: ChartPlan[] = [
  {
    title: 'CPU in use',
    metric: 'system.cpu.utilization',
    unit: '1',
    aggregation: 'avg',
    by: ['node'],
    where: { name: 'cpu.mode', value: 'idle' },
    change: (idle) => 1 - idle,
  },
  {
    title: 'Memory in use',
    metric: 'system.memory.utilization',
    unit: '1',
    aggregation: 'avg',
    by: ['node'],
    where: { name: 'system.memory.state', value: 'used' },
  },
  {
    title: 'Disk throughput',
    metric: 'system.disk.io',
    unit: 'By/s',
    aggregation: 'rate',
    by: ['node', 'disk.io.direction'],
  },
  {
    title: 'Network throughput',
    metric: 'system.network.io',
    unit: 'By/s',
    aggregation: 'rate',
    by: ['node', 'network.io.direction'],
  },
  {
    title: 'Filesystems in use',
    metric: 'system.filesystem.utilization',
    unit: '1',
    aggregation: 'max',
    by: ['node', 'system.filesystem.mountpoint'],
    where: { name: 'system.filesystem.state', value: 'used' },
  },
];

/**
 * Charts of the window from stored metrics; a chart whose metric cannot be read is left out. `redactor` gives each node the
 * name under which it leaves: in a legend nothing around a name says that it is one, and a node may be called `backup`.
 */
export async function readReportCharts(
  store: Pick<Store, 'query'>,
  window: { fromUnixMs: number; untilUnixMs: number; nodes: string[] },
  { redactor, signal }: { redactor: Pick<Redactor, 'node' | 'text'>; signal: AbortSignal },
): Promise<ReportChart[]> {
  const charts: ReportChart[] = [];
  for (const plan of plans) {
    const found = await readMetricSeries(store, {
      name: plan.metric,
      range: {
        sinceUnixNano: BigInt(window.fromUnixMs) * 1_000_000n,
        untilUnixNano: BigInt(window.untilUnixMs) * 1_000_000n,
      },
      aggregation: plan.aggregation,
      by: plan.by,
      where: plan.where ? [plan.where] : [],
      signal,
    }).catch(() => undefined);
    signal.throwIfAborted();
    if (!found) continue;
    const change = plan.change ?? ((value: number) => value);
    const peak = (values: (number | null)[]): number =>
      values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
    charts.push({
      title: plan.title,
      unit: plan.unit,
      series: found.series
        .filter(({ labels }) => window.nodes.includes(labels.node ?? ''))
        // The busiest first: only so many fit into a chart.
        .sort((a, b) => peak(b.values) - peak(a.values))
        .map(({ labels, values }) => ({
          label: plan.by
            .map((name) => [name, labels[name] ?? ''] as const)
            .filter(([, value]) => value !== '')
            .map(([name, value]) => (name === 'node' ? redactor.node(value) : redactor.text(value, {})))
            .join(' '),
          points: found.timestamps.map((ms, at) => {
            const value = values[at];
            return [ms, value === null || value === undefined ? null : change(value)] as const;
          }),
        })),
    });
  }
  return charts;
}
