import { useMemo } from 'preact/hooks';
import type { LogHistogram, severities } from '../../../../collector/api/shapes/logs.ts';
import { call } from '../api/client.ts';
import { useResource } from '../api/resource.ts';
import type { ChartData } from '../chart/series.ts';
import { TimeChart } from '../chart/time-chart.tsx';
import { span } from '../place/range.ts';
import { severityLabels } from '../ui/badge.tsx';
import { Loading } from '../ui/empty-state.tsx';
import { ErrorBanner } from '../ui/error-banner.tsx';
import { formatCount } from '../value/unit.ts';
import { logIdentity, logParams } from './log-query.ts';

/** Ordinary lines stand at the bottom, so that trouble is what moves on top of a calm line. */
const layers = [
  'unset',
  'trace',
  'debug',
  'info',
  'warn',
  'error',
  'fatal',
] as const satisfies (typeof severities)[number][];

function dataOf(histogram: LogHistogram | null): ChartData {
  if (!histogram) return { timestamps: [], series: [] };
  const present = layers.filter((severity) => histogram.buckets.some((bucket) => (bucket.counts[severity] ?? 0) > 0));
  return {
    timestamps: histogram.buckets.map((bucket) => Date.parse(bucket.timestamp)),
    series: present.map((severity) => ({
      key: severity,
      label: severity === 'unset' ? 'none' : severityLabels[severity].toLowerCase(),
      colour: `--severity-${severity}`,
      values: histogram.buckets.map((bucket) => bucket.counts[severity] ?? 0),
    })),
  };
}

/** How many lines of which severity, when. */
export function LogHistogramChart() {
  const { fromMs, untilMs } = span.value;
  const answer = useResource(`histogram ${logIdentity.value}`, untilMs, (signal) =>
    call<LogHistogram>('logs/histogram', { signal, params: { ...logParams(), buckets: 60 } }),
  );
  const data = useMemo(() => dataOf(answer.data), [answer.data]);
  const total = data.series.reduce(
    (sum, one) => sum + one.values.reduce<number>((part, value) => part + (value ?? 0), 0),
    0,
  );
  return (
    <TimeChart
      title="Lines"
      note={answer.data ? formatCount(total) : ''}
      data={data}
      unit="{line}"
      fromMs={fromMs}
      untilMs={untilMs}
      kind="stacked-bars"
      height={96}
      slim
      group="logs"
      empty={
        answer.failure && answer.failure.status !== 400 ? (
          <ErrorBanner failure={answer.failure} retry={answer.reload} />
        ) : answer.data === null && !answer.failure ? (
          <Loading />
        ) : (
          <p class="muted">No lines</p>
        )
      }
    />
  );
}
