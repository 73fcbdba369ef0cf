import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { BundleJob } from '../../../../collector/api/shapes/bundles.ts';
import type { DriveRow, ExportJob } from '../../../../collector/api/shapes/exports.ts';
import { call } from '../api/client.ts';
import { useResource } from '../api/resource.ts';
import { isAdministrator } from '../api/session.ts';
import { nowMs } from '../place/clock.ts';
import { useBeat } from '../time/use-beat.ts';
import { Loading } from '../ui/empty-state.tsx';
import { ErrorBanner } from '../ui/error-banner.tsx';
import { ExportForm } from './export-form.tsx';
import { ExportItem } from './export-item.tsx';
import { hasEnded } from './export-state.ts';

/** Each look asks the machine's devices. */
const drivesEveryMs = 5000;

/** Carries a bundle onto a drive of the collector's machine: which drives there are, how far it is, what came of it. */
export function ExportCard({ job }: { job: BundleJob }) {
  const beat = useSignal(0);
  const may = isAdministrator();
  const drives = useResource(may ? 'drives' : null, Math.floor(nowMs.value / drivesEveryMs), (signal) =>
    call<DriveRow[]>('drives', { signal }),
  );
  const exports = useResource(`exports ${job.id}`, `${nowMs.value} ${beat.value}`, async (signal) =>
    (await call<ExportJob[]>('exports', { signal })).filter(({ bundle }) => bundle === job.id),
  );
  const active = exports.data?.some((each) => !hasEnded(each)) === true;
  useBeat(beat, active);
  // The space that is left changes with the end of an export.
  useEffect(() => drives.reload(), [active]);
  return (
    <section class="card export-card" aria-labelledby="export-title">
      <header class="card-head">
        <h2 id="export-title">Export to a drive</h2>
      </header>
      <p class="muted">
        Onto a drive of the collector’s machine. Every file is read back from it and compared before the receipt is
        written.
      </p>
      <ErrorBanner failure={drives.failure} retry={drives.reload} />
      <ErrorBanner failure={exports.failure} />
      {may ? null : <p class="muted">Needs the administrator role.</p>}
      {drives.data ? <ExportForm job={job} drives={drives.data} asked={exports.reload} /> : null}
      {may && drives.loading && !drives.data ? <Loading label="Looking for drives" /> : null}
      {exports.data && exports.data.length > 0 ? (
        <ul class="exports">
          {exports.data.map((each) => (
            <ExportItem key={each.id} job={each} changed={exports.reload} />
          ))}
        </ul>
      ) : null}
    </section>
  );
}
