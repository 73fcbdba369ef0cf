import { addressOf, place } from '../place/location.ts';
import { zone } from '../place/range.ts';
import { formatClockMs, formatDate, formatDateTime } from '../time/format-time.ts';
import { SeverityLabel } from '../ui/badge.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Icon } from '../ui/icon.tsx';
import type { Line } from './line-key.ts';
import { toggleCondition } from './log-query.ts';

function Condition({ field, value }: { field: string; value: string }) {
  return (
    <span class="condition">
      <button
        type="button"
        class="button button-bare button-tiny"
        title={`Only lines with this ${field}`}
        aria-label={`Only this ${field}`}
        onClick={() => toggleCondition(field, value, false)}
      >
        <Icon name="plus" size={12} />
      </button>
      <button
        type="button"
        class="button button-bare button-tiny"
        title={`Only lines without this ${field}`}
        aria-label={`Without this ${field}`}
        onClick={() => toggleCondition(field, value, true)}
      >
        <Icon name="minus" size={12} />
      </button>
    </span>
  );
}

/** A body that is JSON, spread over lines; null when it is none. */
function asJson(body: string): string | null {
  if (!/^\s*[[{]/.test(body)) return null;
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return null;
  }
}

const minuteMs = 60_000;

/** A link that shows this line to whoever opens it, whatever the clock says then: it stands near the top of a fixed range. */
function linkTo(line: Line): string {
  const unixMs = Date.parse(line.timestamp);
  const { params } = place.peek();
  const address = addressOf('/logs', {
    q: params.get('q'),
    node: params.get('node'),
    severity: params.get('severity'),
    since: new Date(unixMs - 15 * minuteMs).toISOString(),
    until: new Date(unixMs + 1000).toISOString(),
    line: line.key,
  });
  return `${window.location.origin}${address}`;
}

/** Everything of this node around the line, without the filters. */
function around(line: Line): string {
  const unixMs = Date.parse(line.timestamp);
  return addressOf('/logs', {
    node: line.node,
    since: new Date(unixMs - minuteMs).toISOString(),
    until: new Date(unixMs + minuteMs).toISOString(),
    line: line.key,
  });
}

function Detail({ line }: { line: Line }) {
  const unixMs = Date.parse(line.timestamp);
  const json = asJson(line.body);
  const fraction = /\.(\d+)/.exec(line.timestamp)?.[1] ?? '';
  return (
    <div class="line-detail">
      <pre class="line-body">{json ?? line.body}</pre>
      <dl class="attributes">
        <div>
          <dt>time</dt>
          <dd>
            {formatDateTime(unixMs, zone.value)}
            {fraction ? `.${fraction}` : ''}
          </dd>
        </div>
        {[
          ['node', line.node] as const,
          ['severity', line.severity] as const,
          ...(line.eventName ? [['event', line.eventName] as const] : []),
          ...(line.traceId ? [['trace', line.traceId] as const] : []),
          ...(line.spanId ? [['span', line.spanId] as const] : []),
          // A name that both have is looked for in the record first, so that is the value shown.
          ...Object.entries({ ...line.resource, ...line.attributes }).sort(([a], [b]) => a.localeCompare(b, 'en-US')),
        ].map(([name, value]) => (
          <div key={name}>
            <dt>
              <Condition field={name} value={value} />
              {name}
            </dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div class="actions">
        <CopyButton label="Copy link to this line" text={() => linkTo(line)} />
        <CopyButton label="Copy message" icon="rows" text={() => line.body} />
        <a class="button button-small" href={around(line)}>
          <Icon name="lens" size={14} />
          What happened around it
        </a>
      </div>
    </div>
  );
}

interface Props {
  line: Line;
  selected: boolean;
  open: boolean;
  withNode: boolean;
  withDate: boolean;
  toggle: () => void;
}

export function LogLine({ line, selected, open, withNode, withDate, toggle }: Props) {
  const unixMs = Date.parse(line.timestamp);
  return (
    <div class={`line line-${line.severity}${selected ? ' line-selected' : ''}${open ? ' line-open' : ''}`}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: j, k and Enter do this for the keyboard. */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a button would not let its text be selected. */}
      <div
        class="line-row"
        onClick={() => {
          if (window.getSelection()?.isCollapsed !== false) toggle();
        }}
      >
        <span class="line-time">
          {withDate ? `${formatDate(unixMs, zone.value).slice(5)} ` : ''}
          {formatClockMs(unixMs, zone.value)}
        </span>
        <SeverityLabel severity={line.severity} />
        {withNode ? <span class="line-node">{line.node}</span> : null}
        <span class="line-text">{line.body}</span>
      </div>
      {open ? <Detail line={line} /> : null}
    </div>
  );
}
