import type { AlertRow } from '../../../../collector/api/shapes/alerts.ts';
import { call } from '../api/client.ts';
import { useResource } from '../api/resource.ts';
import { nowMs } from '../place/clock.ts';
import { addressOf } from '../place/location.ts';
import { rangeKey, span } from '../place/range.ts';
import { AlertBadge } from '../ui/badge.tsx';
import { EmptyState, Loading } from '../ui/empty-state.tsx';
import { ErrorBanner } from '../ui/error-banner.tsx';
import { Icon } from '../ui/icon.tsx';
import { Prose } from '../ui/prose.tsx';
import { Ago } from '../ui/when.tsx';
import { formatValue } from '../value/unit.ts';

const bySeverity = (a: AlertRow, b: AlertRow): number =>
  a.severity.localeCompare(b.severity, 'en-US') || a.since.localeCompare(b.since);

/** Logs of the node from a little before the alert began. */
function logsAround(alert: AlertRow): string {
  const sinceMs = Date.parse(alert.since);
  const untilMs = alert.resolvedAt ? Date.parse(alert.resolvedAt) : Math.min(Date.now(), sinceMs + 15 * 60_000);
  return addressOf('/logs', {
    node: alert.node || null,
    since: new Date(sinceMs - 5 * 60_000).toISOString(),
    until: new Date(Math.max(untilMs, sinceMs + 60_000)).toISOString(),
  });
}

function AlertItem({ alert }: { alert: AlertRow }) {
  const tone = alert.state !== 'firing' ? 'quiet' : alert.severity === 'critical' ? 'bad' : 'warn';
  return (
    <li class={`alert alert-${tone}`}>
      <div class="alert-state">
        <AlertBadge alert={alert} />
      </div>
      <div class="alert-what">
        <p class="alert-summary">{alert.summary}</p>
        {alert.state === 'resolved' ? null : (
          <p class="alert-todo">
            <Prose text={alert.whatToDo} />
          </p>
        )}
      </div>
      <dl class="alert-facts">
        <div>
          <dt>Where</dt>
          <dd>
            <a href={addressOf(`/nodes/${encodeURIComponent(alert.node)}`)}>{alert.node}</a>
            {alert.subject && alert.subject !== alert.node ? <code>{alert.subject}</code> : null}
          </dd>
        </div>
        <div>
          <dt>Since</dt>
          <dd>
            <Ago at={alert.since} />
          </dd>
        </div>
        <div>
          <dt>Value / limit</dt>
          <dd>
            <strong>{formatValue(alert.value, alert.unit)}</strong> / {formatValue(alert.limit, alert.unit)}
          </dd>
        </div>
      </dl>
      <a class="button button-small alert-logs" href={logsAround(alert)}>
        <Icon name="rows" size={14} />
        Logs around it
      </a>
    </li>
  );
}

/** What is wrong, first. Resolved alerts of the range wait below, folded. */
export function AlertList() {
  const answer = useResource('alerts', nowMs.value, (signal) => call<AlertRow[]>('alerts', { signal }));
  const past = useResource(`resolved ${rangeKey.value}`, nowMs.value, (signal) =>
    call<AlertRow[]>('alerts', {
      signal,
      params: { state: 'resolved', since: new Date(span.peek().fromMs).toISOString() },
    }),
  );
  const open = answer.data ?? [];
  const firing = open.filter((alert) => alert.state === 'firing').sort(bySeverity);
  const pending = open.filter((alert) => alert.state === 'pending').sort(bySeverity);
  const resolved = (past.data ?? []).filter((alert) => alert.state === 'resolved');
  return (
    <section class="card alerts" aria-labelledby="alerts-title">
      <header class="card-head">
        <h2 id="alerts-title">
          Alerts {firing.length > 0 ? <span class="count count-bad">{firing.length}</span> : null}
        </h2>
      </header>
      <ErrorBanner failure={answer.failure} retry={answer.reload} />
      {answer.data === null && !answer.failure ? <Loading /> : null}
      {answer.data !== null && firing.length === 0 ? (
        <EmptyState icon="check" title="Nothing is wrong that a rule watches for" />
      ) : null}
      <Items alerts={firing} />
      <Folded alerts={pending} title="pending: over the limit, but not yet for long enough" />
      <Folded alerts={resolved} title="resolved in this range" />
    </section>
  );
}

function Items({ alerts }: { alerts: AlertRow[] }) {
  if (alerts.length === 0) return null;
  return (
    <ul class="alert-list">
      {alerts.map((alert) => (
        <AlertItem key={`${alert.id} ${alert.since}`} alert={alert} />
      ))}
    </ul>
  );
}

function Folded({ alerts, title }: { alerts: AlertRow[]; title: string }) {
  if (alerts.length === 0) return null;
  return (
    <details class="alert-past">
      <summary>
        {alerts.length} {title}
      </summary>
      <Items alerts={alerts} />
    </details>
  );
}
