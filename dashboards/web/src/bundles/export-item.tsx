import { useSignal } from '@preact/signals';
import type { ExportJob } from '../../../../collector/api/shapes/exports.ts';
import { call } from '../api/client.ts';
import { type ApiFailure, failureFrom } from '../api/failure.ts';
import { isAdministrator, session } from '../api/session.ts';
import { nowMs } from '../place/clock.ts';
import { sayDuration } from '../time/duration.ts';
import { ExportBadge } from '../ui/badge.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { ErrorBanner } from '../ui/error-banner.tsx';
import { Icon } from '../ui/icon.tsx';
import { Ago } from '../ui/when.tsx';
import { formatBytes } from '../value/unit.ts';
import { CancelButton } from './cancel-button.tsx';
import { driveName, hasEnded } from './export-state.ts';

const steps = { copy: 'Writing', check: 'Reading back', recheck: 'Checking what is there:' } as const;
const readBacks = {
  direct: 'past the cache',
  dropped: 'after the cache was emptied',
  cached: 'through the cache: check it on another machine',
} as const;

function Progress({ progress }: { progress: NonNullable<ExportJob['progress']> }) {
  const { step, part, doneBytes, totalBytes } = progress;
  return (
    <div class="progress" role="status">
      <progress max={Math.max(1, totalBytes)} value={doneBytes} aria-label="Written and read back" />
      <span>
        {steps[step]} {part}, {formatBytes(doneBytes)} of {formatBytes(totalBytes)}
      </span>
    </div>
  );
}

function Receipt({ receipt }: { receipt: NonNullable<ExportJob['receipt']> }) {
  const stuck = receipt.ejected.find(({ step, done }) => step !== 'power-off' && !done);
  const ejected = receipt.ejected.some(({ step, done }) => step === 'unmount' && done);
  return (
    <>
      <p>
        {receipt.parts} files, {formatBytes(receipt.bytes)}, read back{' '}
        {receipt.readBack.map((method) => readBacks[method]).join(', ')}
        {receipt.interruptions > 0 ? `; the drive was away ${receipt.interruptions} times` : ''}.{' '}
        {ejected ? 'The drive can be pulled out.' : stuck ? null : 'Unmount the drive before you pull it out.'}
      </p>
      {stuck ? (
        <p class="reason">
          <Icon name="triangle" size={12} />
          Not ejected ({stuck.detail}): unmount the drive before you pull it out.
        </p>
      ) : null}
      <p class="muted">
        Receipt <code>{receipt.path.split('/').at(-1)}.receipt.json</code>, export <code>{receipt.exportId}</code>
      </p>
    </>
  );
}

/** One export: how far it is, who approved, what came of it. */
export function ExportItem({ job, changed }: { job: ExportJob; changed: () => void }) {
  const asking = useSignal(false);
  const failure = useSignal<ApiFailure | null>(null);
  const active = !hasEnded(job);
  const own = session.value.kind === 'open' && session.value.info.user === job.requestedBy;
  const endMs = job.finishedAt ? Date.parse(job.finishedAt) : Math.max(nowMs.value, Date.parse(job.requestedAt));
  const send = async (path: string, method: 'POST' | 'DELETE'): Promise<void> => {
    asking.value = false;
    failure.value = null;
    await call<ExportJob>(path, { method }).catch((error: unknown) => {
      failure.value = failureFrom(error);
    });
    changed();
  };
  const refused = isAdministrator()
    ? own
      ? 'You asked for it: another person has to approve it'
      : ''
    : 'Needs the administrator role';
  return (
    <li class="export-item">
      <header>
        <span class="strong">{driveName(job.drive)}</span>
        <ExportBadge state={job.state} />
        <span class="muted">
          <Ago at={job.requestedAt} /> by {job.requestedBy}
          {job.startedAt ? `, ${sayDuration(endMs - Date.parse(job.startedAt))}` : ''}
          {job.drive.serial ? ` · serial ${job.drive.serial}` : ''}
        </span>
      </header>
      {active && job.progress ? <Progress progress={job.progress} /> : null}
      {job.approvalsNeeded > 0 ? (
        <p class="muted">
          {job.approvals.length} of {job.approvalsNeeded} approvals
          {job.approvals.length > 0 ? `: ${job.approvals.map(({ user }) => user).join(', ')}` : ''}
        </p>
      ) : null}
      {job.receipt ? <Receipt receipt={job.receipt} /> : null}
      {job.missing.length > 0 ? (
        <p>
          {job.missing.length} files are on no drive yet: {job.missing.join(', ')}
        </p>
      ) : null}
      {job.reason ? (
        <p class={job.state === 'cancelled' ? 'muted' : 'reason'}>
          {job.state === 'cancelled' ? null : <Icon name="triangle" size={12} />}
          {job.reason}
          {job.nextStep ? `; ${job.nextStep}` : ''}
        </p>
      ) : job.nextStep ? (
        <p class="muted">{job.nextStep}</p>
      ) : null}
      <ErrorBanner failure={failure.value} />
      {active ? (
        <div class="actions">
          {job.state === 'waiting-for-approval' ? (
            <button
              type="button"
              class="button"
              disabled={refused !== ''}
              title={refused}
              onClick={() => void send(`exports/${job.id}/approve`, 'POST')}
            >
              <Icon name="check" />
              Approve
            </button>
          ) : null}
          <CancelButton
            ask={() => {
              asking.value = true;
            }}
          />
          {job.state === 'waiting-for-approval' && refused !== '' ? <span class="muted">{refused}.</span> : null}
        </div>
      ) : null}
      {asking.value ? (
        <Confirm
          title="Cancel this export?"
          text="What is on the drive by then is no bundle; an export to the same drive can go on with it later."
          action="Cancel the export"
          confirm={() => void send(`exports/${job.id}`, 'DELETE')}
          close={() => {
            asking.value = false;
          }}
        />
      ) : null}
    </li>
  );
}
