import { useSignal } from '@preact/signals';
import type { FieldFacet } from '../../../../collector/api/shapes/logs.ts';
import { call } from '../api/client.ts';
import { useResource } from '../api/resource.ts';
import { span } from '../place/range.ts';
import { Loading } from '../ui/empty-state.tsx';
import { ErrorBanner } from '../ui/error-banner.tsx';
import { Icon } from '../ui/icon.tsx';
import { formatCount } from '../value/unit.ts';
import { logIdentity, logParams, toggleCondition } from './log-query.ts';

/** Counts drift with a range that moves; this is often enough. */
const countEveryMs = 30_000;

function FacetValues({ field }: { field: string }) {
  const answer = useResource(
    `facet ${field} ${logIdentity.value}`,
    Math.floor(span.value.untilMs / countEveryMs),
    (signal) => call<FieldFacet[]>('logs/fields', { signal, params: { ...logParams(), fields: field } }),
  );
  if (answer.failure) return <ErrorBanner failure={answer.failure} retry={answer.reload} />;
  if (answer.data === null) return <Loading />;
  const values = answer.data.find((facet) => facet.field === field)?.values ?? [];
  const most = Math.max(1, ...values.map((one) => one.count));
  if (values.length === 0) return <p class="muted facet-none">No values in this range</p>;
  return (
    <ul class="facet-values">
      {values.map(({ value, count }) => (
        <li key={value}>
          <meter class="facet-meter" min={0} max={most} value={count} aria-hidden="true" />
          <button
            type="button"
            class="facet-value"
            title={`Only ${value}`}
            onClick={() => toggleCondition(field, value, false)}
          >
            {value === '' ? '(empty)' : value}
          </button>
          <span class="facet-count">{formatCount(count)}</span>
          <button
            type="button"
            class="button button-bare button-tiny"
            aria-label={`Without ${value}`}
            title={`Without ${value}`}
            onClick={() => toggleCondition(field, value, true)}
          >
            <Icon name="minus" size={12} />
          </button>
        </li>
      ))}
    </ul>
  );
}

function Facet({ field, label }: { field: string; label: string }) {
  const open = useSignal(false);
  return (
    <details
      class="facet"
      open={open.value}
      onToggle={(event) => {
        open.value = event.currentTarget.open;
      }}
    >
      <summary title={field}>
        <Icon name="right" size={12} />
        {label}
      </summary>
      {open.value ? <FacetValues field={field} /> : null}
    </details>
  );
}

/** Values of fields with their counts; each is asked for when it is opened. */
export function Facets({ fields }: { fields: readonly string[] }) {
  return (
    <aside class="facets" aria-label="Fields">
      <h2>Fields</h2>
      {['node', 'severity', 'service', 'source', ...fields].map((field) => (
        <Facet key={field} field={field} label={field} />
      ))}
    </aside>
  );
}
