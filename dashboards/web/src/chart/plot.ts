import uPlot from 'uplot';
import type { Zone } from '../time/civil.ts';
import { formatClock, formatDate } from '../time/format-time.ts';
import { themeValue } from '../ui/theme.ts';
import { formatValue } from '../value/unit.ts';
import { bridgeShortGaps, type ChartData, stack } from './series.ts';

export interface PlotLook {
  kind: 'lines' | 'stacked-bars';
  unit: string;
  zone: Zone;
  height: number;
  /** Top of the scale, when it is the same for every data: 1 for a share of the whole. */
  top: number | null;
  /** Charts of the same group share one crosshair. */
  group: string;
  /** Without axes: a strip above other things. */
  slim: boolean;
}

export interface PlotEvents {
  /** Index under the crosshair, null when there is none. */
  cursor: (index: number | null) => void;
  /** A stretch was dragged out, in Unix milliseconds. */
  zoom: (fromMs: number, untilMs: number) => void;
}

export interface Plot {
  update: (data: ChartData, span: { fromMs: number; untilMs: number }) => void;
  resize: (width: number) => void;
  point: (index: number | null) => void;
  /** Marks a stretch between two indexes, as dragging does; null unmarks. */
  mark: (range: [number, number] | null) => void;
  close: () => void;
}

/** Clock labels: 24 hours, as fine as the ticks are apart, and the date where a day begins. */
function timeLabel(unixMs: number, zone: Zone, apartSeconds: number): string {
  const clock = formatClock(unixMs, zone);
  if (apartSeconds >= 86_400 || clock === '00:00:00') return formatDate(unixMs, zone).slice(5);
  return apartSeconds >= 60 ? clock.slice(0, 5) : clock;
}

/** Steps of a byte axis, so that its labels are round in powers of 1024. */
const byteSteps = Array.from({ length: 52 }, (_, power) => 2 ** power);

function frames(data: ChartData, look: PlotLook): uPlot.AlignedData {
  const seconds = data.timestamps.map((unixMs) => unixMs / 1000);
  if (look.kind === 'lines') return [seconds, ...data.series.map((series) => bridgeShortGaps(series.values))];
  // The tallest layer first: the shorter ones are painted over it.
  return [seconds, ...stack(data.series).reverse()];
}

/** Draws a time chart into `host`. Colours are read once; make a new plot when the theme changes. */
export function createPlot(host: HTMLElement, data: ChartData, look: PlotLook, events: PlotEvents): Plot {
  let span = { fromMs: 0, untilMs: 1 };
  const font = `11px ${themeValue('--font')}`;
  const grid = { stroke: themeValue('--chart-grid'), width: 1 };
  const layers = look.kind === 'lines' ? data.series : [...data.series].reverse();
  const bars = uPlot.paths.bars?.({ size: [0.86, 28], align: 1 });

  const axis = { stroke: themeValue('--text-3'), font, grid, ticks: { show: false } };
  const chart = new uPlot(
    {
      width: Math.max(host.clientWidth, 50),
      height: look.height,
      padding: look.slim ? [8, 8, 0, 0] : [8, 12, 0, 0],
      legend: { show: false },
      tzDate: (seconds) =>
        look.zone === 'utc' ? uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC') : new Date(seconds * 1000),
      scales: {
        x: { time: true, range: () => [span.fromMs / 1000, span.untilMs / 1000] },
        y: {
          range: (_chart, least, most) => {
            if (look.top !== null) return [0, look.top];
            const low = Math.min(0, least ?? 0);
            const high = Math.max(most ?? 0, low);
            return [low, high === low ? low + 1 : high + (high - low) * 0.06];
          },
        },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          space: 76,
          size: 26,
          values: (_chart, splits, _axis, _space, apart) =>
            splits.map((seconds) => timeLabel(seconds * 1000, look.zone, apart)),
        },
        {
          ...axis,
          size: 68,
          gap: 6,
          space: look.slim ? 28 : 34,
          values: (_chart, splits) => splits.map((value) => formatValue(value, look.unit)),
          ...(look.unit.startsWith('By')
            ? { incrs: byteSteps }
            : look.unit.startsWith('{')
              ? { incrs: wholeSteps }
              : {}),
        },
      ],
      series: [
        {},
        ...layers.map((series): uPlot.Series => {
          const stroke = themeValue(series.colour);
          return look.kind === 'lines'
            ? {
                label: series.label,
                stroke,
                width: 1.5,
                points: { size: 4, fill: stroke },
                ...(series.dashed ? { dash: [5, 4] } : {}),
              }
            : {
                label: series.label,
                fill: stroke,
                width: 0,
                points: { show: false },
                ...(bars ? { paths: bars } : {}),
              };
        }),
      ],
      cursor: {
        y: false,
        points: { show: look.kind === 'lines', size: 7, width: 2 },
        drag: { x: true, y: false, setScale: false, dist: 5 },
        // Only the crosshair is shared: a drag that every chart took up would zoom once per chart.
        sync: {
          key: look.group,
          setSeries: false,
          filters: { pub: (type) => type === 'mousemove' || type === 'mouseleave', sub: () => true },
        },
        bind: { dblclick: () => null },
      },
      hooks: {
        setCursor: [
          (self) => {
            const left = self.cursor.left ?? -1;
            events.cursor(left < 0 ? null : (self.cursor.idx ?? null));
          },
        ],
        setSelect: [
          (self) => {
            const { left, width } = self.select;
            if (width < 4) return;
            const [from, until] = [self.posToVal(left, 'x'), self.posToVal(left + width, 'x')];
            self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            events.zoom(from * 1000, until * 1000);
          },
        ],
      },
    },
    undefined,
    host,
  );

  const leftOf = (index: number): number => chart.valToPos(chart.data[0]?.[index] ?? 0, 'x');
  return {
    update: (next, nextSpan) => {
      span = nextSpan;
      chart.setData(frames(next, look), true);
    },
    resize: (width) => chart.setSize({ width: Math.max(width, 50), height: look.height }),
    point: (index) => chart.setCursor({ left: index === null ? -10 : leftOf(index), top: index === null ? -10 : 4 }),
    mark: (range) => {
      const height = chart.over.clientHeight;
      if (range === null) return chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      const [from, until] = [leftOf(Math.min(...range)), leftOf(Math.max(...range))];
      return chart.setSelect({ left: from, top: 0, width: until - from, height }, false);
    },
    close: () => chart.destroy(),
  };
}

/** Steps of an axis that counts things: no half alerts. */
const wholeSteps = Array.from({ length: 16 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();
