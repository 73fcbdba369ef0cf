import { useSignal } from '@preact/signals';
import type { BundleClass, BundleJob } from '../../../../collector/api/shapes/bundles.ts';
import type { NodeRow } from '../../../../collector/api/shapes/nodes.ts';
import { call } from '../api/client.ts';
import { type ApiFailure, failureFrom } from '../api/failure.ts';
import { isAdministrator } from '../api/session.ts';
import { place, setParams } from '../place/location.ts';
import { zone } from '../place/range.ts';
import { parseDuration, sayDuration } from '../time/duration.ts';
import { parseRange } from '../time/parse-range.ts';
import { ErrorBanner } from '../ui/error-banner.tsx';
import { Icon } from '../ui/icon.tsx';
import { ClassField, classesIn, isNoClass } from './class-field.tsx';
import { chosenNodes, NodeField } from './node-field.tsx';
import { ParquetField } from './parquet-field.tsx';
import { RedactionField } from './redaction-field.tsx';
import { RoleField, rolesIn } from './role-field.tsx';

const spans = ['15m', '1h', '6h', '24h', '7d'] as const;
const other = 'other';
/** Asks for evidence: which time, which nodes and roles. */
export function BundleForm({ nodes, created }: { nodes: NodeRow[]; created: (job: BundleJob) => void }) {
  const since = useSignal<string>('1h');
  const words = useSignal('');
  const redaction = useSignal<BundleJob['redaction']>('standard');
  const asked = place.value.params.get('nodes')?.split(',') ?? [];
  const left = useSignal<ReadonlySet<string>>(
    new Set(asked.length > 0 ? nodes.map((node) => node.node).filter((name) => !asked.includes(name)) : []),
  );
  const raw = useSignal(false);
  const parquet = useSignal(false);
  const failure = useSignal<ApiFailure | null>(null);
  const fault = useSignal('');
  const busy = useSignal(false);
  const roles = useSignal('');
  const leftClasses = useSignal<ReadonlySet<BundleClass>>(new Set());
  const chosen = chosenNodes(nodes, left.value);
  const may = isAdministrator();

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const range =
      since.value === other ? parseRange(words.value, Date.now(), zone.value) : { since: since.value, until: null };
    if (!range) {
      fault.value = 'Not understood. Try: yesterday 14:00–15:00, or 2026-11-20 22:00 to 2026-11-21 02:00';
      return;
    }
    const time = range.until === null ? { since: range.since } : { from: range.since, until: range.until };
    const everyone = left.value.size === 0;
    busy.value = true;
    failure.value = null;
    try {
      const job = await call<BundleJob>('bundles', {
        method: 'POST',
        body: {
          ...time,
          redaction: redaction.value,
          ...(!everyone && { nodes: chosen }),
          roles: rolesIn(roles.value),
          classes: classesIn(leftClasses.value),
          ...(raw.value && { raw: true }),
          ...(parquet.value && { parquet: true }),
        },
      });
      setParams({ nodes: null }, { replace: true });
      created(job);
    } catch (error) {
      failure.value = failureFrom(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form class="card bundle-form" onSubmit={(event) => void submit(event)}>
      <header class="card-head">
        <h2>Create a bundle</h2>
      </header>
      <p class="muted">
        Logs, metrics, alerts and the nodes’ own files and command outputs of a time, sealed and signed, to carry out of
        the site.
      </p>
      <fieldset class="field">
        <legend>Time</legend>
        <div class="radio-row">
          {[...spans, other].map((value) => (
            <label key={value} class="radio">
              <input
                type="radio"
                name="since"
                value={value}
                checked={since.value === value}
                onChange={() => {
                  since.value = value;
                  fault.value = '';
                }}
              />
              {value === other ? 'Other' : `Last ${sayDuration(parseDuration(value) ?? 0)}`}
            </label>
          ))}
        </div>
        {since.value === other ? (
          <input
            type="text"
            aria-label="Time range in words"
            placeholder="yesterday 14:00–15:00"
            autocomplete="off"
            value={words.value}
            aria-invalid={fault.value !== ''}
            onInput={(event) => {
              words.value = event.currentTarget.value;
              fault.value = '';
            }}
          />
        ) : null}
        <p class="fault" role="alert">
          {fault.value}
        </p>
      </fieldset>
      <NodeField nodes={nodes} left={left} />
      <RoleField words={roles} />
      <ClassField left={leftClasses} />
      <RedactionField redaction={redaction} />
      <ParquetField chosen={parquet} />
      <fieldset class="field">
        <legend>Raw files</legend>
        <label class="check">
          <input
            type="checkbox"
            checked={raw.value}
            onChange={(event) => {
              raw.value = event.currentTarget.checked;
            }}
          />
          Event logs, dumps and binary files too
        </label>
        {raw.value ? (
          <p class="muted">
            They are not redacted: passwords and names are in them. They leave a node encrypted only, for the configured
            recipients, in a volume of their own.
          </p>
        ) : null}
      </fieldset>
      <ErrorBanner failure={failure.value} />
      <div class="actions">
        <button
          type="submit"
          class="button button-primary"
          disabled={!may || busy.value || (nodes.length > 0 && chosen.length === 0) || isNoClass(leftClasses.value)}
        >
          <Icon name="box" />
          Create bundle
        </button>
        {may ? null : <span class="muted">Needs the administrator role.</span>}
      </div>
    </form>
  );
}
