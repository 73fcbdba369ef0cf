import type { MetricName } from '../../../../collector/api/shapes/metrics.ts';
import { call } from '../api/client.ts';
import { useResource } from '../api/resource.ts';
import { useNodes } from '../nodes/node-list.ts';
import { place } from '../place/location.ts';
import { EmptyState, Loading } from '../ui/empty-state.tsx';
import { ErrorBanner } from '../ui/error-banner.tsx';
import { MetricList } from './metric-list.tsx';
import { MetricView } from './metric-view.tsx';

/** New metrics appear with new sources, not every second. */
const namesEveryMs = 60_000;

export function MetricsPage() {
  const nodes = useNodes();
  const answer = useResource('metric names', Math.floor(Date.now() / namesEveryMs), (signal) =>
    call<MetricName[]>('metrics', { signal }),
  );
  const asked = place.value.params.get('name');
  if (answer.data === null)
    return answer.failure ? <ErrorBanner failure={answer.failure} retry={answer.reload} /> : <Loading />;
  if (answer.data.length === 0) {
    return (
      <EmptyState icon="chart" title="Nothing has been measured yet">
        Agents send their first samples within seconds of connecting. Look at the nodes’ collection health.
      </EmptyState>
    );
  }
  const metrics = [...answer.data].sort((a, b) => a.name.localeCompare(b.name, 'en-US'));
  const metric =
    metrics.find((one) => one.name === asked) ??
    (asked === null ? (metrics.find((one) => one.name === 'system.cpu.utilization') ?? metrics[0]) : undefined);
  return (
    <>
      <h1 class="visually-hidden">Metrics</h1>
      <MetricList metrics={metrics} chosen={metric?.name ?? null} />
      {metric ? (
        <MetricView
          key={metric.name}
          metric={metric}
          nodes={(nodes.data ?? []).filter(({ kind }) => kind === 'node').map((node) => node.node)}
        />
      ) : (
        <EmptyState icon="lens" title={`No metric is called ${asked}`}>
          Choose one from the list.
        </EmptyState>
      )}
    </>
  );
}
