import { useMemo } from 'preact/hooks';
import type { MetricSeries } from '../../../../collector/api/shapes/metrics.ts';
import { MetricChart } from '../chart/metric-chart.tsx';
import { type ChartSeries, chartColours } from '../chart/series.ts';
import { nodeColour } from '../nodes/node-list.ts';

const peak = (values: (number | null)[]): number =>
  values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);

/** One line per node; of many nodes, those that peak highest, so that colours stay apart. */
function perNode(answer: MetricSeries, nodes: readonly string[], map: (value: number) => number): ChartSeries[] {
  const lines = answer.series.map((one): ChartSeries => {
    const node = one.labels.node ?? '';
    const direction = one.labels['disk.io.direction'] ?? one.labels['network.io.direction'];
    return {
      key: `${node} ${direction ?? ''}`,
      label: direction === undefined ? node : nodes.length > 1 ? `${node} ${direction}` : direction,
      colour:
        direction !== undefined && nodes.length === 1
          ? isOut(direction)
            ? '--chart-2'
            : '--chart-1'
          : nodeColour(node, nodes),
      dashed: isOut(direction),
      values: one.values.map((value) => (value === null ? null : map(value))),
    };
  });
  return lines
    .sort((a, b) => peak(b.values) - peak(a.values))
    .slice(0, chartColours)
    .sort((a, b) => a.key.localeCompare(b.key, 'en-US'));
}

const isOut = (direction: string | undefined): boolean => direction === 'write' || direction === 'transmit';
const same = (value: number): number => value;

/** The four charts of the site, on one crosshair. */
export function SiteCharts({ nodes }: { nodes: readonly string[] }) {
  const names = nodes.join('\n');
  const lines = useMemo(
    () => ({
      busy: (answer: MetricSeries) => perNode(answer, nodes, (idle) => Math.max(0, 1 - idle)),
      plain: (answer: MetricSeries) => perNode(answer, nodes, same),
    }),
    [names],
  );
  const note = nodes.length > chartColours ? `${chartColours} highest lines` : '';
  return (
    <div class="charts">
      <MetricChart
        title="CPU"
        note={note || 'busy'}
        unit="1"
        top={1}
        lines={lines.busy}
        query={{ name: 'system.cpu.utilization', agg: 'avg', by: ['node'], where: 'cpu.mode:idle' }}
      />
      <MetricChart
        title="Memory"
        note={note || 'used'}
        unit="1"
        top={1}
        lines={lines.plain}
        query={{ name: 'system.memory.utilization', agg: 'avg', by: ['node'], where: 'system.memory.state:used' }}
      />
      <MetricChart
        title="Disk"
        note={note || 'all devices'}
        unit="By/s"
        lines={lines.plain}
        query={{ name: 'system.disk.io', agg: 'rate', by: ['node', 'disk.io.direction'] }}
      />
      <MetricChart
        title="Network"
        note={note || 'all interfaces'}
        unit="By/s"
        lines={lines.plain}
        query={{ name: 'system.network.io', agg: 'rate', by: ['node', 'network.io.direction'] }}
      />
    </div>
  );
}
