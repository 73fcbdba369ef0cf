import { useSignal } from '@preact/signals';
import type { BundleScheduleRow } from '../../../../collector/api/shapes/bundles.ts';
import type { NodeRow } from '../../../../collector/api/shapes/nodes.ts';
import { call } from '../api/client.ts';
import { type ApiFailure, failureFrom } from '../api/failure.ts';
import { useResource } from '../api/resource.ts';
import { isAdministrator } from '../api/session.ts';
import { nowMs } from '../place/clock.ts';
import { addressOf } from '../place/location.ts';
import { sayDuration } from '../time/duration.ts';
import { BundleBadge } from '../ui/badge.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { ErrorBanner } from '../ui/error-banner.tsx';
import { Ago, At } from '../ui/when.tsx';
import { ScheduleForm } from './schedule-form.tsx';

/** The grain of a schedule is a minute. */
const everyMs = 10_000;

/** Bundles that the collector makes by itself: when next, and what became of the last. */
export function ScheduleCard({ nodes }: { nodes: readonly NodeRow[] }) {
  const opened = useSignal(false);
  const schedules = useResource('bundle-schedules', Math.floor(nowMs.value / everyMs), (signal) =>
    call<BundleScheduleRow[]>('bundle-schedules', { signal }),
  );
  return (
    <section class="card" aria-labelledby="schedules-title">
      <header class="card-head">
        <h2 id="schedules-title">Schedules</h2>
        <button
          type="button"
          class="button button-small"
          aria-expanded={opened.value}
          onClick={() => {
            opened.value = !opened.value;
          }}
        >
          {opened.value ? 'Close' : 'New schedule'}
        </button>
      </header>
      <ErrorBanner failure={schedules.failure} retry={schedules.reload} />
      {opened.value ? (
        <ScheduleForm
          nodes={nodes}
          created={() => {
            opened.value = false;
            schedules.reload();
          }}
        />
      ) : null}
      {schedules.data?.length === 0 && !opened.value ? (
        <p class="muted">Nothing is scheduled: bundles are made when somebody asks for them.</p>
      ) : null}
      {schedules.data && schedules.data.length > 0 ? (
        <ul class="schedules">
          {schedules.data.map((row) => (
            <ScheduleItem key={row.name} row={row} changed={schedules.reload} />
          ))}
        </ul>
      ) : null}
    </section>
  );
}

const some = (names: string[], all: string): string =>
  names.length === 0
    ? all
    : names.length > 3
      ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
      : names.join(', ');

function ScheduleItem({ row, changed }: { row: BundleScheduleRow; changed: () => void }) {
  const asking = useSignal(false);
  const failure = useSignal<ApiFailure | null>(null);
  const act = async (method: 'POST' | 'DELETE', path: string): Promise<void> => {
    asking.value = false;
    failure.value = null;
    try {
      await call(path, { method });
      changed();
    } catch (error) {
      failure.value = failureFrom(error);
    }
  };
  return (
    <li>
      <span class="schedule-name">{row.name}</span>
      <span class="muted">
        <code>{row.cron}</code> UTC · {sayDuration(row.windowMs)} each · {some(row.nodes, 'all nodes')} ·{' '}
        {some(row.roles, 'all roles')}
        {row.classes.length > 0 ? ` · ${row.classes.join(', ')} alone` : ''}
        {row.parquet ? ' · Parquet' : ''}
      </span>
      <span>
        Next <At at={row.nextRunAt} />
      </span>
      <span class="schedule-last">
        Last <Ago at={row.lastRunAt} />
        {row.lastState ? <BundleBadge state={row.lastState} /> : null}
        {row.lastBundle ? <a href={addressOf('/bundles', { bundle: row.lastBundle })}>its bundle</a> : null}
      </span>
      {row.lastError ? <span class="schedule-error">{row.lastError}</span> : null}
      <ErrorBanner failure={failure.value} />
      {isAdministrator() ? (
        <span class="actions">
          <button
            type="button"
            class="button button-small"
            onClick={() => void act('POST', `bundle-schedules/${row.name}/run`)}
          >
            Run now
          </button>
          <button
            type="button"
            class="button button-small"
            aria-label={`Delete the schedule ${row.name}`}
            onClick={() => {
              asking.value = true;
            }}
          >
            Delete
          </button>
        </span>
      ) : null}
      {asking.value ? (
        <Confirm
          title="Delete this schedule?"
          text={`No more bundles are made as ${row.name} says. Those that it has made stay.`}
          action="Delete schedule"
          confirm={() => void act('DELETE', `bundle-schedules/${row.name}`)}
          close={() => {
            asking.value = false;
          }}
        />
      ) : null}
    </li>
  );
}
