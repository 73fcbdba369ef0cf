import { zone } from '../place/range.ts';
import { formatDateTime } from '../time/format-time.ts';
import { formatValue } from '../value/unit.ts';
import type { ChartData } from './series.ts';

/** More rows than a person reads; the command line gives them all. */
const mostRows = 300;

/** The same numbers as the chart, newest first. */
export function ChartTable({ data, unit, title }: { data: ChartData; unit: string; title: string }) {
  const rows = data.timestamps
    .map((unixMs, index) => ({ unixMs, index }))
    .filter(({ index }) => data.series.some((series) => series.values[index] !== null && series.values[index] !== 0))
    .reverse()
    .slice(0, mostRows);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section class="chart-table" tabIndex={0} aria-label={`${title}, table`}>
      <table>
        <thead>
          <tr>
            <th>Time</th>
            {data.series.map((series) => (
              <th key={series.key} class="number">
                {series.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ unixMs, index }) => (
            <tr key={unixMs}>
              <td class="nowrap">{formatDateTime(unixMs, zone.value)}</td>
              {data.series.map((series) => (
                <td key={series.key} class="number">
                  {formatValue(series.values[index], unit)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
