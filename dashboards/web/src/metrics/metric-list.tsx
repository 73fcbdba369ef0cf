import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { MetricName } from '../../../../collector/api/shapes/metrics.ts';
import { useShortcuts } from '../keys/shortcuts.ts';
import { addressOf } from '../place/location.ts';
import { Icon } from '../ui/icon.tsx';

/** Everything that is measured, by name. */
export function MetricList({ metrics, chosen }: { metrics: MetricName[]; chosen: string | null }) {
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const text = useSignal('');
  const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = metrics.filter((metric) =>
    words.every((word) => `${metric.name} ${metric.description}`.toLowerCase().includes(word)),
  );
  const index = shown.findIndex((metric) => metric.name === chosen);
  // The chosen one is in view when the page opens; after that the list stays where the reader left it.
  useLayoutEffect(() => {
    const [box, item] = [list.current, chosen === null ? null : document.getElementById(`metric-${chosen}`)];
    if (box && item) box.scrollTop = item.offsetTop - box.offsetTop - box.clientHeight / 2;
  }, []);
  const step = (by: number): void => {
    const next = shown[Math.min(shown.length - 1, Math.max(0, index + by))];
    if (next) document.getElementById(`metric-${next.name}`)?.click();
  };
  useShortcuts([
    { key: '/', does: 'Find a metric', run: () => field.current?.select() },
    { key: 'j', does: 'Next metric', run: () => step(1) },
    { key: 'k', does: 'Metric before', run: () => step(-1) },
  ]);
  return (
    <nav class="metric-list" aria-label="Metrics">
      <div class="search">
        <Icon name="lens" />
        <input
          ref={field}
          type="text"
          aria-label="Find a metric"
          placeholder={`Find among ${metrics.length}`}
          autocomplete="off"
          spellcheck={false}
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
        <kbd>/</kbd>
      </div>
      <ul ref={list}>
        {shown.map((metric) => (
          <li key={metric.name}>
            <a
              id={`metric-${metric.name}`}
              href={addressOf('/metrics', { name: metric.name })}
              title={metric.description}
              {...(metric.name === chosen ? { 'aria-current': 'true' as const } : {})}
            >
              {metric.name}
            </a>
          </li>
        ))}
      </ul>
      {shown.length === 0 ? <p class="muted">No metric is called that.</p> : null}
    </nav>
  );
}
