import { useSignal } from '@preact/signals';
import type { BundleScheduleRow } from '../../../../collector/api/shapes/bundles.ts';
import { call } from '../api/client.ts';
import { useResource } from '../api/resource.ts';
import { nowMs } from '../place/clock.ts';
import { addressOf } from '../place/location.ts';
import { sayDuration } from '../time/duration.ts';
import { BundleBadge } from '../ui/badge.tsx';
import { ErrorBanner } from '../ui/error-banner.tsx';
import { Ago, At } from '../ui/when.tsx';
import { ScheduleForm } from './schedule-form.tsx';

/** The grain of a schedule is a minute. */
const everyMs = 10_000;

/** Bundles that the collector makes by itself: when next, and what became of the last. */
export function ScheduleCard() {
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
            <ScheduleItem key={row.name} row={row} />
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

function ScheduleItem({ row }: { row: BundleScheduleRow }) {
  return (
    <li>
      <span class="schedule-name">{row.name}</span>
      <span class="muted">
        <code>{row.cron}</code> UTC · {sayDuration(row.windowMs)} each · {some(row.nodes, 'all nodes')} ·{' '}
        {some(row.roles, 'all roles')}
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
    </li>
  );
}
