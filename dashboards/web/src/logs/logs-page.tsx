import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { useShortcuts } from '../keys/shortcuts.ts';
import { useNodes } from '../nodes/node-list.ts';
import { setPlaying } from '../place/clock.ts';
import { place, setParams } from '../place/location.ts';
import { span } from '../place/range.ts';
import { Loading } from '../ui/empty-state.tsx';
import { ErrorBanner } from '../ui/error-banner.tsx';
import { Icon } from '../ui/icon.tsx';
import { VirtualList } from '../ui/virtual-list.tsx';
import { formatBytes, formatCount } from '../value/unit.ts';
import { Facets } from './facets.tsx';
import { LogHistogramChart } from './log-histogram.tsx';
import { LogLine } from './log-line.tsx';
import { logQuery } from './log-query.ts';
import { useLogReader } from './log-reader.ts';
import { LogToolbar } from './log-toolbar.tsx';
import { NoLines } from './no-lines.tsx';
import { TailState } from './tail-state.tsx';

const rowPx = 24;
const dayMs = 86_400_000;
const mostFields = 24;

export function LogsPage() {
  const reader = useLogReader();
  const nodes = useNodes();
  const opened = useSignal<ReadonlySet<string>>(new Set());
  const wrap = useSignal(false);
  const fieldsShown = useSignal(false);
  const toTop = useSignal(0);
  const selected = place.value.params.get('line');
  const { lines } = reader;
  const found = selected !== null && lines.some((line) => line.key === selected);

  // A line that somebody was sent is open when it comes.
  const linked = useSignal(selected);
  useEffect(() => {
    if (linked.value === null || !lines.some((line) => line.key === linked.value)) return;
    opened.value = new Set([linked.value]);
    linked.value = null;
  }, [lines]);

  const select = (key: string | null): void => {
    if (key !== null) reader.hold();
    setParams({ line: key }, { replace: true });
  };
  const toggle = (key: string): void => {
    const next = new Set(opened.value);
    if (!next.delete(key)) next.add(key);
    opened.value = next;
    select(key);
  };
  const move = (step: number): void => {
    const index = lines.findIndex((line) => line.key === selected);
    const next = lines[index < 0 ? 0 : Math.min(lines.length - 1, Math.max(0, index + step))];
    if (next) select(next.key);
  };
  const resume = (): void => {
    opened.value = new Set();
    select(null);
    toTop.value += 1;
    if (!reader.following) setPlaying(true);
    reader.resume();
  };
  const back = (): void => {
    if (opened.value.size > 0) opened.value = new Set();
    else if (reader.held) resume();
    else select(null);
  };
  useShortcuts([
    { key: 'j', does: 'Next line', run: () => move(1) },
    { key: 'k', does: 'Line before', run: () => move(-1) },
    { key: 'Enter', does: 'Open or close the line', run: () => selected !== null && found && toggle(selected) },
    {
      key: 'w',
      does: 'Wrap long lines',
      run: () => {
        wrap.value = !wrap.value;
      },
    },
    {
      key: 'Escape',
      does: 'Close lines; then follow again',
      run: back,
    },
  ]);

  const fields = useMemo(() => {
    const counts = new Map<string, number>();
    for (const line of lines.slice(0, 500))
      for (const name of Object.keys(line.attributes)) counts.set(name, (counts.get(name) ?? 0) + 1);
    // Unique per record: a facet of it would be the list itself. The other two are there under shorter names.
    for (const name of ['log.record.uid', 'service.name', 'otel.scope.name']) counts.delete(name);
    return [...counts]
      .sort((a, b) => b[1] - a[1])
      .slice(0, mostFields)
      .map(([name]) => name);
  }, [lines]);
  const withNode = (nodes.data?.length ?? 0) !== 1 && logQuery.value.node === '';
  const withDate = span.value.untilMs - span.value.fromMs > dayMs;

  return (
    <>
      <h1 class="visually-hidden">Logs</h1>
      <LogToolbar nodes={(nodes.data ?? []).map((node) => node.node)} />
      <LogHistogramChart />
      <div class="log-status">
        <button
          type="button"
          class="button button-small"
          aria-pressed={fieldsShown.value}
          onClick={() => {
            fieldsShown.value = !fieldsShown.value;
          }}
        >
          Fields
        </button>
        <button
          type="button"
          class="button button-small"
          aria-pressed={wrap.value}
          title="Wrap long lines ( w )"
          onClick={() => {
            wrap.value = !wrap.value;
          }}
        >
          Wrap
        </button>
        <TailState reader={reader} resume={resume} />
        <span class="log-scanned" role="status">
          {reader.scanned
            ? `${formatCount(lines.length)} shown · scanned ${formatCount(reader.scanned.rows)} rows, ${formatBytes(reader.scanned.bytes)} in ${Math.round(reader.scanned.tookMs)} ms`
            : ''}
        </span>
      </div>
      <ErrorBanner failure={reader.failure} retry={reader.reload} />
      {selected !== null && linked.value !== null && reader.state === 'ready' && !found ? (
        <div class="banner">
          <Icon name="lens" />
          <p>
            The linked line is not among the rows loaded so far.{' '}
            {reader.next ? 'It may be older.' : 'It is not in this range, or retention has removed it.'}
          </p>
          {reader.next ? (
            <button type="button" class="button" onClick={reader.loadOlder}>
              Load older
            </button>
          ) : null}
        </div>
      ) : null}
      <div class={fieldsShown.value ? 'log-body log-body-fields' : 'log-body'}>
        {fieldsShown.value ? <Facets fields={fields} /> : null}
        {reader.state === 'loading' ? (
          <Loading />
        ) : lines.length === 0 ? (
          reader.state === 'ready' && <NoLines />
        ) : (
          <div class={wrap.value ? 'log-lines log-wrap' : 'log-lines'}>
            <VirtualList
              key={`${toTop.value}`}
              rows={lines}
              keyOf={(line) => line.key}
              estimatePx={rowPx}
              focusKey={found ? selected : null}
              label="Log lines, newest first"
              scrolled={(topPx) => {
                if (topPx > rowPx * 2) reader.hold();
              }}
              nearEnd={reader.loadOlder}
              render={(line) => (
                <LogLine
                  line={line}
                  selected={line.key === selected}
                  open={opened.value.has(line.key)}
                  withNode={withNode}
                  withDate={withDate}
                  toggle={() => toggle(line.key)}
                />
              )}
              footer={
                <div class="list-end">
                  {reader.loadingOlder ? (
                    <Loading label="Loading older lines" />
                  ) : reader.next ? (
                    <button type="button" class="button" onClick={reader.loadOlder}>
                      Load older
                    </button>
                  ) : (
                    <span class="muted">That is all in this range</span>
                  )}
                </div>
              }
            />
          </div>
        )}
      </div>
    </>
  );
}
