import type { BundleJob } from '../../../../collector/api/shapes/bundles.ts';
import { addressOf } from '../place/location.ts';
import { BundleBadge } from '../ui/badge.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Ago } from '../ui/when.tsx';
import { formatBytes } from '../value/unit.ts';

export function BundleHistory({ jobs, chosen }: { jobs: BundleJob[]; chosen: string | null }) {
  return (
    <section class="card" aria-labelledby="history-title">
      <header class="card-head">
        <h2 id="history-title">History</h2>
      </header>
      {jobs.length === 0 ? (
        <EmptyState icon="box" title="No bundle yet">
          The first one you create appears here. The newest ones are kept.
        </EmptyState>
      ) : (
        <ul class="history">
          {jobs.map((job) => (
            <li key={job.id}>
              <a
                href={addressOf('/bundles', { bundle: job.id })}
                {...(job.id === chosen ? { 'aria-current': 'true' as const } : {})}
              >
                <span class="history-name">{job.name}</span>
                <BundleBadge state={job.state} />
                <span class="muted history-facts">
                  <Ago at={job.createdAt} /> · {formatBytes(job.bytes)}
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
