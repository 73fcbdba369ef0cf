import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Aggregation, MetricSeries } from '../../../../collector/api/shapes/metrics.ts';
import { call } from '../api/client.ts';
import { useResource } from '../api/resource.ts';
import { rangeKey, span } from '../place/range.ts';
import { chartStepMs } from '../time/step.ts';
import { EmptyState, Loading } from '../ui/empty-state.tsx';
import { ErrorBanner } from '../ui/error-banner.tsx';
import type { ChartData, ChartSeries } from './series.ts';
import { TimeChart } from './time-chart.tsx';

export interface SeriesQuery {
  name: string;
  agg: Aggregation;
  by?: string[];
  node?: string | null;
  where?: string | null;
}

/** Asks for one metric over the range of the page. The end is cut to whole steps, so that points stay where they are. */
export function loadSeries(query: SeriesQuery, signal: AbortSignal): Promise<MetricSeries> {
  const { fromMs, untilMs } = span.peek();
  const stepMs = chartStepMs(untilMs - fromMs);
  return call<MetricSeries>('metrics/series', {
    signal,
    params: {
      name: query.name,
      since: new Date(Math.floor(fromMs / stepMs) * stepMs).toISOString(),
      until: new Date(untilMs).toISOString(),
      step: `${stepMs / 1000}s`,
      agg: query.agg,
      by: query.by?.join(','),
      node: query.node,
      where: query.where,
    },
  });
}

interface Props {
  title: string;
  note?: string;
  query: SeriesQuery;
  /** Unit of what is drawn; the metric's own, when it does not say. */
  unit: string;
  /** Makes lines of what the collector answered. */
  lines: (answer: MetricSeries) => ChartSeries[];
  top?: number | null;
  height?: number;
  /** What to do when there is nothing. */
  empty?: ComponentChildren;
}

/** A chart of one metric that follows the range of the page. */
export function MetricChart(props: Props) {
  const identity = JSON.stringify([props.query, rangeKey.value]);
  const { fromMs, untilMs } = span.value;
  const answer = useResource(identity, untilMs, (signal) => loadSeries(props.query, signal));
  const data = useMemo<ChartData>(
    () =>
      answer.data
        ? { timestamps: answer.data.timestamps, series: props.lines(answer.data) }
        : { timestamps: [], series: [] },
    [answer.data, props.lines],
  );
  const empty = answer.failure ? (
    <ErrorBanner failure={answer.failure} retry={answer.reload} />
  ) : answer.data === null ? (
    <Loading />
  ) : (
    <EmptyState icon="chart" title="No samples in this range">
      {props.empty ?? 'Choose a longer range, or look at the node’s collection health.'}
    </EmptyState>
  );
  return (
    <TimeChart
      title={props.title}
      {...(props.note ? { note: props.note } : {})}
      data={data}
      unit={props.unit}
      fromMs={fromMs}
      untilMs={untilMs}
      top={props.top ?? null}
      height={props.height ?? 180}
      empty={empty}
    />
  );
}
