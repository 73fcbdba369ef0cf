import { type Signal, useSignal } from '@preact/signals';
import {
  type BundleClass,
  type BundleJob,
  type BundleScheduleRow,
  scheduleNamePattern,
} from '../../../../collector/api/shapes/bundles.ts';
import type { NodeRow } from '../../../../collector/api/shapes/nodes.ts';
import { call } from '../api/client.ts';
import { type ApiFailure, failureFrom } from '../api/failure.ts';
import { isAdministrator } from '../api/session.ts';
import { ErrorBanner } from '../ui/error-banner.tsx';
import { Icon } from '../ui/icon.tsx';
import { ClassField, classesIn, isNoClass } from './class-field.tsx';
import { chosenNodes, NodeField } from './node-field.tsx';
import { ParquetField } from './parquet-field.tsx';
import { RedactionField } from './redaction-field.tsx';
import { RoleField, rolesIn } from './role-field.tsx';

const other = 'other';
const times: readonly [cron: string, label: string][] = [
  ['0 * * * *', 'Hourly'],
  ['0 3 * * *', 'Daily, 03:00 UTC'],
  ['0 3 * * 0', 'Sundays, 03:00 UTC'],
  [other, 'Other'],
];
const windows: readonly [window: string, label: string][] = [
  ['15m', '15 min'],
  ['4h', '4 h'],
  ['24h', '24 h'],
  [other, 'Other'],
];

/** One of several values, or one in words. */
function Choice(props: {
  legend: string;
  group: string;
  values: readonly [value: string, label: string][];
  chosen: Signal<string>;
  words: Signal<string>;
  placeholder: string;
}) {
  const { legend, group, values, chosen, words, placeholder } = props;
  return (
    <fieldset class="field">
      <legend>{legend}</legend>
      <div class="radio-row">
        {values.map(([value, label]) => (
          <label key={value} class="radio">
            <input
              type="radio"
              name={group}
              value={value}
              checked={chosen.value === value}
              onChange={() => {
                chosen.value = value;
              }}
            />
            {label}
          </label>
        ))}
      </div>
      {chosen.value === other ? (
        <input
          type="text"
          aria-label={`${legend}, in words`}
          placeholder={placeholder}
          autocomplete="off"
          required
          value={words.value}
          onInput={(event) => {
            words.value = event.currentTarget.value;
          }}
        />
      ) : null}
    </fieldset>
  );
}

/** Has the collector make bundles by itself; it judges what was written, as it does for the command line. */
export function ScheduleForm({
  nodes,
  created,
}: {
  nodes: readonly NodeRow[];
  created: (row: BundleScheduleRow) => void;
}) {
  const name = useSignal('');
  const cron = useSignal('0 3 * * *');
  const cronWords = useSignal('');
  const span = useSignal('24h');
  const spanWords = useSignal('');
  const redaction = useSignal<BundleJob['redaction']>('standard');
  const left = useSignal<ReadonlySet<string>>(new Set());
  const roles = useSignal('');
  const leftClasses = useSignal<ReadonlySet<BundleClass>>(new Set());
  const parquet = useSignal(false);
  const failure = useSignal<ApiFailure | null>(null);
  const busy = useSignal(false);
  const may = isAdministrator();
  /** Nobody chosen would mean everybody. */
  const chosen = nodes.length === 0 ? undefined : chosenNodes(nodes, left.value).length;
  const said = (chosen: Signal<string>, words: Signal<string>): string =>
    chosen.value === other ? words.value.trim() : chosen.value;

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    busy.value = true;
    failure.value = null;
    try {
      const row = await call<BundleScheduleRow>('bundle-schedules', {
        method: 'POST',
        body: {
          name: name.value,
          cron: said(cron, cronWords),
          window: said(span, spanWords),
          redaction: redaction.value,
          ...(left.value.size > 0 && { nodes: chosenNodes(nodes, left.value) }),
          roles: rolesIn(roles.value),
          classes: classesIn(leftClasses.value),
          ...(parquet.value && { parquet: true }),
        },
      });
      created(row);
    } catch (error) {
      failure.value = failureFrom(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form class="schedule-form" onSubmit={(event) => void submit(event)}>
      <fieldset class="field">
        <legend>Name</legend>
        <input
          type="text"
          aria-label="Name of the schedule"
          placeholder="nightly"
          autocomplete="off"
          required
          pattern={scheduleNamePattern.slice(1, -1)}
          title="Small letters, digits and hyphens; begins with a letter or digit"
          value={name.value}
          onInput={(event) => {
            name.value = event.currentTarget.value;
          }}
        />
      </fieldset>
      <Choice
        legend="When"
        group="schedule-cron"
        values={times}
        chosen={cron}
        words={cronWords}
        placeholder="30 6 * * 1-5 (five fields, UTC)"
      />
      <Choice
        legend="The time before it"
        group="schedule-window"
        values={windows}
        chosen={span}
        words={spanWords}
        placeholder="6h, 2d"
      />
      <NodeField nodes={nodes} left={left} />
      <RoleField words={roles} />
      <ClassField left={leftClasses} />
      <RedactionField redaction={redaction} group="schedule-redaction" />
      <ParquetField chosen={parquet} />
      <ErrorBanner failure={failure.value} />
      <div class="actions">
        <button
          type="submit"
          class="button button-primary"
          disabled={!may || busy.value || chosen === 0 || isNoClass(leftClasses.value)}
        >
          <Icon name="box" />
          Create schedule
        </button>
        {may ? null : <span class="muted">Needs the administrator role.</span>}
      </div>
    </form>
  );
}
