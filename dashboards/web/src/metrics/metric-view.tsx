import { useMemo } from 'preact/hooks';
import type { Aggregation, MetricName, MetricPoint, MetricSeries } from '../../../../collector/api/shapes/metrics.ts';
import { call } from '../api/client.ts';
import { useResource } from '../api/resource.ts';
import { ChartTable } from '../chart/chart-table.tsx';
import { loadSeries } from '../chart/metric-chart.tsx';
import { type ChartData, chartColour, chartColours } from '../chart/series.ts';
import { TimeChart } from '../chart/time-chart.tsx';
import { place, setParams } from '../place/location.ts';
import { rangeKey, span } from '../place/range.ts';
import { EmptyState, Loading } from '../ui/empty-state.tsx';
import { ErrorBanner } from '../ui/error-banner.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { rateUnit } from '../value/unit.ts';
import { defaultAggregation, defaultGrouping } from './default-view.ts';
import { metricAggregations } from './metric-aggregations.ts';

/** Twice the colours: beyond the first round, lines are dashed. */
const mostLines = chartColours * 2;

function dataOf(answer: MetricSeries | null): ChartData {
  if (!answer) return { timestamps: [], series: [] };
  const filled = answer.series.filter((one) => one.values.some((value) => value !== null));
  return {
    timestamps: answer.timestamps,
    series: filled.slice(0, mostLines).map((one, index) => {
      const label = Object.values(one.labels).join(' · ') || answer.name;
      return {
        key: JSON.stringify(one.labels),
        label,
        colour: chartColour(index),
        dashed: index >= chartColours,
        values: one.values,
      };
    }),
  };
}

/** One metric, cut and summed as the reader likes: chart and table. */
export function MetricView({ metric, nodes }: { metric: MetricName; nodes: readonly string[] }) {
  const { params } = place.value;
  const offered = metricAggregations(metric.kind);
  const agg = offered.find((one) => one === params.get('agg')) ?? defaultAggregation(metric);
  const node = params.get('node') ?? '';
  const { fromMs, untilMs } = span.value;
  // A few points tell which attributes there are to group by.
  const sample = useResource(`sample ${metric.name}`, 0, (signal) =>
    call<MetricPoint[]>('metrics/points', { signal, params: { name: metric.name, since: '1d', limit: 1000 } }),
  );
  const asked = params.get('by')?.split(',');
  const usual = useMemo(() => defaultGrouping(sample.data ?? []), [sample.data]);
  const by = (asked ?? usual).filter((name) => name !== '' && name !== 'none');
  const known = asked !== undefined || sample.data !== null || sample.failure !== null;
  const identity = known ? JSON.stringify([metric.name, agg, node, by, rangeKey.value]) : null;
  const answer = useResource(identity, untilMs, (signal) => loadSeries({ name: metric.name, agg, by, node }, signal));
  const attributes = useMemo(() => {
    const names = new Set<string>(['node', ...by]);
    for (const point of sample.data ?? []) for (const name of Object.keys(point.attributes)) names.add(name);
    return [...names];
  }, [sample.data, by.join(',')]);
  const data = useMemo(() => dataOf(answer.data), [answer.data]);
  const unit = agg === 'rate' ? rateUnit(metric.unit) : agg === 'count' ? '1' : metric.unit;
  const hidden = (answer.data?.series.length ?? 0) - data.series.length;
  const toggleBy = (name: string): void => {
    const next = by.includes(name) ? by.filter((one) => one !== name) : [...by, name];
    setParams({ by: next.length === 0 ? 'none' : next.join(',') });
  };
  return (
    <div class="metric-view">
      <header class="metric-head">
        <h2>{metric.name}</h2>
        <p class="muted">
          {metric.description} <code>{metric.kind}</code> {metric.unit ? <code>{metric.unit}</code> : null}
        </p>
      </header>
      <div class="metric-controls">
        <div class="control">
          <span>Show</span>
          <Segmented
            label="Aggregation"
            value={agg}
            options={offered.map((one) => ({ value: one, text: one }))}
            choose={(next: Aggregation) => setParams({ agg: next === defaultAggregation(metric) ? null : next })}
          />
        </div>
        <div class="control">
          <span>Group by</span>
          <fieldset class="chips" aria-label="Group by">
            {attributes.map((name) => (
              <button
                key={name}
                type="button"
                class="chip"
                aria-pressed={by.includes(name)}
                onClick={() => toggleBy(name)}
              >
                {name}
              </button>
            ))}
          </fieldset>
        </div>
        <label class="control select">
          <span>Node</span>
          <select value={node} onChange={(event) => setParams({ node: event.currentTarget.value })}>
            <option value="">All nodes</option>
            {nodes.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <ErrorBanner failure={answer.failure} retry={answer.reload} />
      <div class="card">
        <TimeChart
          title={metric.name}
          note={agg === 'rate' ? 'per second' : agg}
          data={data}
          unit={unit}
          fromMs={fromMs}
          untilMs={untilMs}
          height={300}
          empty={
            answer.data === null && !answer.failure ? (
              <Loading />
            ) : answer.failure ? null : (
              <EmptyState icon="chart" title="No samples in this range">
                Choose a longer range or another node.
              </EmptyState>
            )
          }
        />
        {hidden > 0 ? (
          <p class="muted">{hidden} more lines have no samples or do not fit: group by less, or choose a node.</p>
        ) : null}
      </div>
      {data.series.length > 0 ? (
        <section class="card">
          <header class="card-head">
            <h2>Numbers</h2>
          </header>
          <ChartTable data={data} unit={unit} title={metric.name} />
        </section>
      ) : null}
    </div>
  );
}
