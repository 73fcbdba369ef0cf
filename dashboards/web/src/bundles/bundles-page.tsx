import { useSignal } from '@preact/signals';
import type { BundleJob } from '../../../../collector/api/shapes/bundles.ts';
import { call } from '../api/client.ts';
import { useResource } from '../api/resource.ts';
import { useNodes } from '../nodes/node-list.ts';
import { nowMs } from '../place/clock.ts';
import { place, setParams } from '../place/location.ts';
import { useBeat } from '../time/use-beat.ts';
import { EmptyState, Loading } from '../ui/empty-state.tsx';
import { ErrorBanner } from '../ui/error-banner.tsx';
import { BundleDetail } from './bundle-detail.tsx';
import { BundleForm } from './bundle-form.tsx';
import { BundleHistory } from './bundle-history.tsx';
import { isActive, isReady } from './bundle-state.ts';
import { ExportCard } from './export-card.tsx';
import { ScheduleCard } from './schedule-card.tsx';

export function BundlesPage() {
  const nodes = useNodes();
  const beat = useSignal(0);
  const jobs = useResource('bundles', `${nowMs.value} ${beat.value}`, (signal) =>
    call<BundleJob[]>('bundles', { signal }),
  );
  const active = jobs.data?.some(isActive) === true;
  useBeat(beat, active);
  const sorted = [...(jobs.data ?? [])].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  const asked = place.value.params.get('bundle');
  const job =
    sorted.find((candidate) => candidate.id === asked) ?? (asked === null ? sorted.find(isActive) : undefined);
  return (
    <>
      <h1 class="visually-hidden">Bundles</h1>
      <ErrorBanner failure={jobs.failure ?? nodes.failure} retry={jobs.reload} />
      <div class="bundle-side">
        {nodes.data ? (
          <BundleForm
            key={nodes.data.length === 0 ? 'none' : 'some'}
            nodes={nodes.data}
            created={(made) => {
              setParams({ bundle: made.id });
              jobs.reload();
            }}
          />
        ) : nodes.failure ? null : (
          <Loading />
        )}
        <ScheduleCard nodes={nodes.data ?? []} />
      </div>
      <div class="bundle-main">
        {job ? <BundleDetail key={job.id} job={job} changed={jobs.reload} /> : null}
        {job && isReady(job) ? <ExportCard key={`export ${job.id}`} job={job} /> : null}
        {!job && asked !== null && jobs.data ? (
          <EmptyState icon="box" title="There is no such bundle">
            It may have been removed from the collector’s disk.
          </EmptyState>
        ) : null}
        {jobs.data ? <BundleHistory jobs={sorted} chosen={job?.id ?? null} /> : null}
      </div>
    </>
  );
}
