import type { Signal } from '@preact/signals';
import { formatValue } from '../value/unit.ts';
import type { ChartData, ChartSeries } from './series.ts';

function Swatch({ series, bars }: { series: ChartSeries; bars: boolean }) {
  return (
    <svg
      class="swatch"
      width="14"
      height="10"
      viewBox="0 0 14 10"
      aria-hidden="true"
      style={{ color: `var(${series.colour})` }}
    >
      {bars ? (
        <rect x="2" y="0" width="10" height="10" rx="2" fill="currentColor" />
      ) : (
        <path
          d="M0 5h14"
          stroke="currentColor"
          stroke-width="2.500"
          stroke-dasharray={series.dashed ? '5 3' : 'none'}
        />
      )}
    </svg>
  );
}

const newest = (values: (number | null)[]): number | null => values.findLast((value) => value !== null) ?? null;

/** Names the lines, and gives their values: under the crosshair, or the newest. */
export function Legend(props: { data: ChartData; unit: string; cursor: Signal<number | null>; bars: boolean }) {
  const index = props.cursor.value;
  return (
    <ul class="legend">
      {props.data.series.map((series) => (
        <li key={series.key}>
          <Swatch series={series} bars={props.bars} />
          <span class="legend-label">{series.label}</span>
          {props.bars && index === null ? null : (
            <span class="legend-value">
              {formatValue(index === null ? newest(series.values) : series.values[index], props.unit)}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
