import type { MetricSeries } from '../../../../collector/api/shapes/metrics.ts';
import { MetricChart, type SeriesQuery } from '../chart/metric-chart.tsx';
import { type ChartSeries, chartColour, chartColours } from '../chart/series.ts';

/** One line per combination of labels, the directions of one thing in one colour. */
function byLabels(answer: MetricSeries): ChartSeries[] {
  const things: string[] = [];
  return answer.series
    .map((one) => {
      const { node: _node, ...labels } = one.labels;
      const direction = labels['disk.io.direction'] ?? labels['network.io.direction'];
      const thing = Object.entries(labels)
        .filter(([name]) => !name.endsWith('.direction'))
        .map(([, value]) => value)
        .join(' ');
      return { thing, direction, values: one.values };
    })
    .filter((one) => one.values.some((value) => value !== null))
    .sort((a, b) => a.thing.localeCompare(b.thing, 'en-US'))
    .map((one) => {
      if (!things.includes(one.thing)) things.push(one.thing);
      return {
        key: `${one.thing} ${one.direction ?? ''}`,
        label: [one.thing, one.direction].filter(Boolean).join(' ') || answer.name,
        colour: chartColour(things.indexOf(one.thing)),
        dashed: one.direction === 'write' || one.direction === 'transmit',
        values: one.values,
      };
    })
    .slice(0, chartColours * 2);
}

const busyModes = (answer: MetricSeries): ChartSeries[] =>
  byLabels({ ...answer, series: answer.series.filter((one) => one.labels['cpu.mode'] !== 'idle') });

interface NodeChart {
  title: string;
  note: string;
  unit: string;
  top?: number;
  empty?: string;
  query: SeriesQuery;
  lines: (answer: MetricSeries) => ChartSeries[];
}

const charts: NodeChart[] = [
  {
    title: 'CPU',
    note: 'by mode',
    unit: '1',
    query: { name: 'system.cpu.utilization', agg: 'avg', by: ['cpu.mode'] },
    lines: busyModes,
  },
  {
    title: 'Memory',
    note: 'by state',
    unit: 'By',
    query: { name: 'system.memory.usage', agg: 'avg', by: ['system.memory.state'] },
    lines: byLabels,
  },
  {
    title: 'Disk',
    note: 'by device',
    unit: 'By/s',
    query: { name: 'system.disk.io', agg: 'rate', by: ['system.device', 'disk.io.direction'] },
    lines: byLabels,
  },
  {
    title: 'Network',
    note: 'by interface',
    unit: 'By/s',
    query: { name: 'system.network.io', agg: 'rate', by: ['network.interface.name', 'network.io.direction'] },
    lines: byLabels,
  },
  {
    title: 'Filesystems',
    note: 'used',
    unit: '1',
    top: 1,
    query: { name: 'system.filesystem.utilization', agg: 'max', by: ['system.filesystem.mountpoint'] },
    lines: byLabels,
  },
  {
    title: 'Paging',
    empty: 'This machine has no page file or swap, or it is not measured.',
    note: 'used',
    unit: '1',
    top: 1,
    query: { name: 'system.paging.utilization', agg: 'avg', by: ['system.paging.state'] },
    lines: byLabels,
  },
];

export function NodeCharts({ node }: { node: string }) {
  return (
    <div class="charts">
      {charts.map((chart) => (
        <MetricChart
          key={chart.title}
          title={chart.title}
          note={chart.note}
          unit={chart.unit}
          top={chart.top ?? null}
          empty={chart.empty}
          lines={chart.lines}
          query={{ ...chart.query, node }}
        />
      ))}
    </div>
  );
}
