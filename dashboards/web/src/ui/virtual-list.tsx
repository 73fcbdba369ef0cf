import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

interface Props<T> {
  rows: readonly T[];
  keyOf: (row: T) => string;
  /** Height of a row that has not been drawn yet. */
  estimatePx: number;
  render: (row: T, index: number) => ComponentChildren;
  /** Row to bring into view when it changes. */
  focusKey: string | null;
  label: string;
  /** How far the reader has scrolled from the top. */
  scrolled: (topPx: number) => void;
  nearEnd: () => void;
  footer: ComponentChildren;
}

/** Rows drawn beyond each edge, so that a quick scroll shows no hole. */
const spareRows = 12;

/** Draws only the rows that can be seen. Rows may differ in height: each is measured once it is drawn. */
export function VirtualList<T>(props: Props<T>) {
  const { rows, keyOf, estimatePx } = props;
  const box = useRef<HTMLDivElement>(null);
  const heights = useRef(new Map<string, number>());
  const view = useSignal({ top: 0, height: 800 });
  const measured = useSignal(0);
  const watcher = useRef<ResizeObserver | null>(null);

  if (watcher.current === null) {
    watcher.current = new ResizeObserver((entries) => {
      let changed = false;
      for (const entry of entries) {
        if (!(entry.target instanceof HTMLElement)) continue;
        const key = entry.target.dataset.key;
        const height = entry.borderBoxSize[0]?.blockSize ?? 0;
        if (key === undefined || height === 0 || heights.current.get(key) === height) continue;
        heights.current.set(key, height);
        changed = true;
      }
      if (changed) measured.value += 1;
    });
  }

  void measured.value;
  const tops = new Float64Array(rows.length + 1);
  rows.forEach((row, index) => {
    tops[index + 1] = (tops[index] ?? 0) + (heights.current.get(keyOf(row)) ?? estimatePx);
  });
  const total = tops[rows.length] ?? 0;
  const { top, height } = view.value;
  const first = Math.max(0, indexAt(tops, top) - spareRows);
  const last = Math.min(rows.length, indexAt(tops, top + height) + 1 + spareRows);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      view.value = { top: element.scrollTop, height: element.clientHeight };
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => () => watcher.current?.disconnect(), []);

  useEffect(() => {
    const element = box.current;
    const index = props.focusKey === null ? -1 : rows.findIndex((row) => keyOf(row) === props.focusKey);
    if (!element || index < 0) return;
    const [rowTop, rowEnd] = [tops[index] ?? 0, tops[index + 1] ?? 0];
    if (rowTop < element.scrollTop) element.scrollTop = rowTop;
    else if (rowEnd > element.scrollTop + element.clientHeight) element.scrollTop = rowEnd - element.clientHeight;
  }, [props.focusKey]);

  const observe = (element: HTMLElement | null): void => {
    if (element) watcher.current?.observe(element);
  };
  return (
    <div
      ref={box}
      class="list"
      role="log"
      aria-label={props.label}
      aria-live="off"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
      tabIndex={0}
      onScroll={(event) => {
        const element = event.currentTarget;
        view.value = { top: element.scrollTop, height: element.clientHeight };
        props.scrolled(element.scrollTop);
        if (total - element.scrollTop - element.clientHeight < 600) props.nearEnd();
      }}
    >
      <div style={{ height: `${tops[first] ?? 0}px` }} />
      {rows.slice(first, last).map((row, offset) => (
        <div key={keyOf(row)} data-key={keyOf(row)} ref={observe}>
          {props.render(row, first + offset)}
        </div>
      ))}
      <div style={{ height: `${total - (tops[last] ?? 0)}px` }} />
      {props.footer}
    </div>
  );
}

/** Index of the row that covers `y`. */
function indexAt(tops: Float64Array, y: number): number {
  let [low, high] = [0, Math.max(0, tops.length - 2)];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tops[middle] ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}
