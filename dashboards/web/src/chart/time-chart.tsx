import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { zone, zoomTo } from '../place/range.ts';
import { formatClock } from '../time/format-time.ts';
import { Icon } from '../ui/icon.tsx';
import { dark } from '../ui/theme.ts';
import { formatValue } from '../value/unit.ts';
import { ChartTable } from './chart-table.tsx';
import { Legend } from './legend.tsx';
import { createPlot, type Plot } from './plot.ts';
import type { ChartData } from './series.ts';

interface Props {
  title: string;
  /** Beside the title: what exactly is drawn. */
  note?: string;
  data: ChartData;
  unit: string;
  fromMs: number;
  untilMs: number;
  kind?: 'lines' | 'stacked-bars';
  height?: number;
  top?: number | null;
  group?: string;
  slim?: boolean;
  /** Instead of the plot, when there is nothing to draw. */
  empty?: ComponentChildren;
}

/** How many values are read aloud with each step of the crosshair. */
const spokenSeries = 6;

/** A chart over time with its legend, its table twin, zoom by drag and by keyboard. */
export function TimeChart(props: Props) {
  const { data, unit, kind = 'lines', height = 180, top = null, group = 'page', slim = false } = props;
  const asTable = useSignal(false);
  const cursor = useSignal<number | null>(null);
  const spoken = useSignal('');
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const anchor = useRef<number | null>(null);

  const filled = data.series.length > 0;
  const drawn = filled && !asTable.value;
  const shape = JSON.stringify([
    data.series.map((one) => [one.key, one.label, one.colour, one.dashed]),
    kind,
    unit,
    height,
    top,
    group,
    slim,
  ]);

  useLayoutEffect(() => {
    const element = host.current;
    if (!element || !drawn) return;
    const made = createPlot(
      element,
      data,
      { kind, unit, zone: zone.value, height, top, group, slim },
      {
        cursor: (index) => {
          cursor.value = index;
        },
        zoom: zoomTo,
      },
    );
    plot.current = made;
    made.update(data, props);
    const observer = new ResizeObserver(() => made.resize(element.clientWidth));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.close();
      plot.current = null;
      cursor.value = null;
    };
  }, [shape, drawn, zone.value, dark.value]);

  useEffect(() => {
    plot.current?.update(data, props);
  }, [data, props.fromMs, props.untilMs]);

  const say = (index: number): void => {
    const values = data.series
      .slice(0, spokenSeries)
      .map((one) => `${one.label} ${formatValue(one.values[index], unit)}`);
    spoken.value = `${formatClock(data.timestamps[index] ?? 0, zone.value)}: ${values.join(', ')}`;
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const last = data.timestamps.length - 1;
    const present = cursor.value;
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 };
    const step = steps[event.key];
    if (step !== undefined || event.key === 'Home' || event.key === 'End') {
      event.preventDefault();
      const from = present ?? last + 1;
      const to =
        event.key === 'Home' ? 0 : event.key === 'End' ? last : Math.min(last, Math.max(0, from + (step ?? 0)));
      if (event.shiftKey) anchor.current ??= present ?? to;
      else anchor.current = null;
      plot.current?.point(to);
      plot.current?.mark(anchor.current === null ? null : [anchor.current, to]);
      say(to);
    } else if (event.key === 'Enter' && anchor.current !== null && present !== null) {
      event.preventDefault();
      const ends = [data.timestamps[anchor.current] ?? 0, data.timestamps[present] ?? 0];
      anchor.current = null;
      plot.current?.mark(null);
      if (ends[0] !== ends[1]) zoomTo(Math.min(...ends), Math.max(...ends));
    } else if (event.key === 'Escape' && (present !== null || anchor.current !== null)) {
      event.preventDefault();
      anchor.current = null;
      plot.current?.mark(null);
      plot.current?.point(null);
    }
  };

  const help = 'Arrow keys read values, Shift and arrows mark a stretch, Enter zooms into it.';
  return (
    <section class={slim ? 'chart chart-slim' : 'chart'} aria-label={props.title}>
      <header class="chart-head">
        <h3>
          {props.title}
          {props.note ? <span class="chart-note">{props.note}</span> : null}
        </h3>
        {filled ? (
          <button
            type="button"
            class="button button-bare button-small"
            aria-pressed={asTable.value}
            title={asTable.value ? 'Show the chart' : 'Show the numbers as a table'}
            onClick={() => {
              asTable.value = !asTable.value;
            }}
          >
            <Icon name={asTable.value ? 'chart' : 'table'} size={14} />
            {asTable.value ? 'Chart' : 'Table'}
          </button>
        ) : null}
      </header>
      {!filled ? (
        <div class="chart-empty" style={{ minHeight: `${height}px` }}>
          {props.empty}
        </div>
      ) : null}
      {filled && asTable.value ? <ChartTable data={data} unit={unit} title={props.title} /> : null}
      {drawn ? (
        // biome-ignore lint/a11y/useSemanticElements: there is no element for a chart that takes keys.
        <div
          ref={host}
          class="plot"
          role="group"
          aria-roledescription="chart"
          aria-label={`${props.title}. ${help}`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the chart takes arrow keys.
          tabIndex={0}
          onKeyDown={onKeyDown}
          style={{ minHeight: `${height}px` }}
        />
      ) : null}
      {filled ? <Legend data={data} unit={unit} cursor={cursor} bars={kind === 'stacked-bars'} /> : null}
      <p class="visually-hidden" aria-live="polite">
        {spoken.value}
      </p>
    </section>
  );
}
