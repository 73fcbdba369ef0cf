import { useSignal } from '@preact/signals';
import type { BundleJob } from '../../../../collector/api/shapes/bundles.ts';
import type { DriveRow, ExportJob } from '../../../../collector/api/shapes/exports.ts';
import { call } from '../api/client.ts';
import { type ApiFailure, failureFrom } from '../api/failure.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorBanner } from '../ui/error-banner.tsx';
import { Icon } from '../ui/icon.tsx';
import { formatBytes } from '../value/unit.ts';
import { driveName } from './export-state.ts';

const space = ({ freeBytes, totalBytes }: DriveRow): string =>
  freeBytes === null || totalBytes === null
    ? 'free space unknown'
    : `${formatBytes(freeBytes)} of ${formatBytes(totalBytes)} free`;

/** Which drive, and how. */
export function ExportForm(props: { job: BundleJob; drives: DriveRow[]; asked: () => void }) {
  const { job, drives, asked } = props;
  const choice = useSignal<string | null>(null);
  const eject = useSignal(true);
  const resume = useSignal(false);
  const split = useSignal(false);
  const failure = useSignal<ApiFailure | null>(null);
  const busy = useSignal(false);
  const allowed = drives.filter(({ refusal }) => refusal === null);
  const drive = allowed.find(({ id }) => id === choice.value) ?? (allowed.length === 1 ? allowed[0] : undefined);
  const tooSmall = drive?.freeBytes != null && drive.freeBytes < job.bytes;

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!drive) return;
    busy.value = true;
    failure.value = null;
    try {
      await call<ExportJob>(`bundles/${job.id}/exports`, {
        method: 'POST',
        body: { drive: drive.id, eject: eject.value, resume: resume.value, split: split.value },
      });
      asked();
    } catch (error) {
      failure.value = failureFrom(error);
    } finally {
      busy.value = false;
    }
  };

  if (drives.length === 0) {
    return (
      <EmptyState icon="drive" title="No removable drive is mounted">
        Put one into the collector’s machine and mount it; it appears here by itself.
      </EmptyState>
    );
  }
  return (
    <form class="export-form" onSubmit={(event) => void submit(event)}>
      <fieldset class="field">
        <legend>Drive</legend>
        {drives.map((each) => (
          <label key={each.id} class={each.refusal === null ? 'drive' : 'drive drive-refused'}>
            <input
              type="radio"
              name="drive"
              value={each.id}
              disabled={each.refusal !== null}
              checked={each.id === drive?.id}
              onChange={() => {
                choice.value = each.id;
              }}
            />
            <span>
              <span class="strong">{driveName(each)}</span>{' '}
              <span class="muted">
                {each.filesystem}, {space(each)}
              </span>
              <span class="drive-facts muted">
                {each.path}
                {each.serial ? ` · serial ${each.serial}` : ''}
                {each.volumeId ? ` · volume ${each.volumeId}` : ''}
              </span>
              {each.refusal ? (
                <span class="reason">
                  <Icon name="triangle" size={12} />
                  {each.refusal}
                </span>
              ) : null}
            </span>
          </label>
        ))}
      </fieldset>
      <div class="radio-row">
        <label class="check">
          <input type="checkbox" checked={eject.value} onChange={() => (eject.value = !eject.value)} />
          Eject at the end
        </label>
        <label class="check" title="Checks what an export that was broken off has left there, and completes it">
          <input type="checkbox" checked={resume.value} onChange={() => (resume.value = !resume.value)} />
          Go on with what is there
        </label>
        <label class="check" title="Fills this drive although not everything fits; the rest goes to the next one">
          <input type="checkbox" checked={split.value} onChange={() => (split.value = !split.value)} />
          Spread over several drives
        </label>
      </div>
      {tooSmall && !split.value && !resume.value ? (
        <p class="reason">
          <Icon name="triangle" size={12} />
          The bundle has {formatBytes(job.bytes)}: it will not fit unless it is spread over several drives.
        </p>
      ) : null}
      <ErrorBanner failure={failure.value} />
      <div class="actions">
        <button type="submit" class="button button-primary" disabled={!drive || busy.value}>
          <Icon name="drive" />
          {drive ? `Export to ${driveName(drive)}` : 'Export'}
        </button>
        {allowed.length === 0 ? <span class="muted">No drive that is here may be written to.</span> : null}
      </div>
    </form>
  );
}
