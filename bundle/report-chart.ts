import { type Html, html, trusted } from './html.ts';
import { formatBytes, formatClock } from './report-format.ts';

interface ReportSeries {
  label: string;
  /** Unix milliseconds and value; null where nothing was measured. */
  points: readonly (readonly [number, number | null])[];
}

export interface ReportChart {
  title: string;
  /** `1` is a ratio shown in percent; `By` and `By/s` are bytes; others are shown as they are. */
  unit: string;
  series: ReportSeries[];
}

const width = 640;
const height = 200;
const plot = { left: 72, right: 8, top: 10, bottom: 22 };
const maxSeries = 8;

function formatValue(value: number, unit: string): string {
  if (unit === '1') return `${(value * 100).toFixed(value > 0 && value < 0.1 ? 1 : 0)} %`;
  if (unit.startsWith('By')) return `${formatBytes(value)}${unit.slice(2)}`;
  return `${Number(value.toPrecision(3))}${unit ? ` ${unit}` : ''}`;
}

/** A round number at or above, so that the grid's labels are readable. */
function ceiling(value: number, unit: string): number {
  // A share is read against the whole.
  if (unit === '1' && value <= 1) return 1;
  if (value <= 0) return 1;
  const base = unit.startsWith('By') ? 1024 ** Math.floor(Math.log(value) / Math.log(1024)) : 1;
  const power = 10 ** Math.floor(Math.log10(value / base));
  const step = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power * base >= value) ?? 10;
  return step * power * base;
}

/** Line chart as inline SVG with its figures beside it in words: no script, no style attribute. Undefined when there is nothing to draw. */
export function renderChart(chart: ReportChart, window: { fromMs: number; untilMs: number }): Html | undefined {
  const series = chart.series
    .map(({ label, points }) => ({
      label,
      points: points.filter(([, value]) => value === null || Number.isFinite(value)),
    }))
    .filter(({ points }) => points.some(([, value]) => value !== null));
  if (series.length === 0) return undefined;
  const shown = series.slice(0, maxSeries);
  const values = shown.flatMap(({ points }) => points.flatMap(([, value]) => (value === null ? [] : [value])));
  const top = ceiling(
    values.reduce((a, b) => Math.max(a, b), 0),
    chart.unit,
  );
  const span = Math.max(1, window.untilMs - window.fromMs);
  const x = (ms: number): number => plot.left + ((ms - window.fromMs) / span) * (width - plot.left - plot.right);
  const y = (value: number): number =>
    height - plot.bottom - (Math.max(0, value) / top) * (height - plot.top - plot.bottom);

  const grid = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const at = y(top * part).toFixed(1);
    const label = part === 0 || part === 0.5 || part === 1;
    return html`<line class="grid" x1="${plot.left}" x2="${width - plot.right}" y1="${at}" y2="${at}"/>${
      label
        ? html`<text x="${plot.left - 8}" y="${(Number(at) + 4).toFixed(1)}" text-anchor="end">${formatValue(top * part, chart.unit)}</text>`
        : ''
    }`;
  });
  const times = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const anchor = part === 0 ? 'start' : part === 1 ? 'end' : 'middle';
    const ms = window.fromMs + span * part;
    return html`<text x="${x(ms).toFixed(1)}" y="${height - 6}" text-anchor="${anchor}">${formatClock(ms, span)}</text>`;
  });
  const lines = shown.map(({ points }, index) => {
    const runs = connected(points);
    const path = runs
      .map((run) =>
        run.map(([ms, value], at) => `${at === 0 ? 'M' : 'L'}${x(ms).toFixed(1)} ${y(value).toFixed(1)}`).join(''),
      )
      .join('');
    const alone = runs.filter((run) => run.length === 1).flat();
    return html`<path class="plot s${index}" d="${path}"/>${alone.map(
      ([ms, value]) =>
        html`<circle class="dot d${index}" cx="${x(ms).toFixed(1)}" cy="${y(value).toFixed(1)}" r="2.5"/>`,
    )}`;
  });
  const legend = shown.map(({ label, points }, index) => {
    const own = points.flatMap(([, value]) => (value === null ? [] : [value]));
    const average = own.reduce((a, b) => a + b, 0) / own.length;
    const [least, most] = [own.reduce((a, b) => Math.min(a, b)), own.reduce((a, b) => Math.max(a, b))];
    return html`<li><svg viewBox="0 0 28 10" aria-hidden="true"><path class="plot s${index}" d="M0 5H28"/></svg><span>${label}</span><span class="number soft">${formatValue(least, chart.unit)} – ${formatValue(most, chart.unit)}, average ${formatValue(average, chart.unit)}</span></li>`;
  });
  return html`<figure class="card chart"><h3>${chart.title}</h3><svg viewBox="0 0 ${width} ${height}" role="img"><title>${chart.title}</title>${grid}${times}${lines}</svg><ul class="legend">${legend}${
    series.length > maxSeries
      ? html`<li class="soft">and ${series.length - maxSeries} more, in the telemetry volume</li>`
      : trusted('')
  }</ul></figure>`;
}

/** Cuts a series where nothing was measured, so that a gap looks like one. */
function connected(points: ReportSeries['points']): [number, number][][] {
  const runs: [number, number][][] = [];
  let run: [number, number][] = [];
  for (const [ms, value] of points) {
    if (value === null) {
      if (run.length > 0) runs.push(run);
      run = [];
    } else run.push([ms, value]);
  }
  if (run.length > 0) runs.push(run);
  return runs;
}
