import type { EvidenceSample } from './evidence.ts';

/** One series of a metric on a node, summed up while its samples go by. */
export interface Series {
  node: string;
  name: string;
  attributes: Readonly<Record<string, string>>;
  count: number;
  firstMs: number;
  lastMs: number;
  first: number;
  last: number;
  min: number;
  max: number;
  /** What a counter has grown by, restarts left out. */
  increase: number;
  /** The longest time without a sample. */
  gap: { fromMs: number; untilMs: number } | undefined;
  /** Where the value fell, as a counter does at a restart. */
  falls: { atMs: number; before: number; after: number }[];
  /** Some of the samples, evenly spread. */
  points: [unixMs: number, value: number][];
  everyNth: number;
}

const maxSeries = 100_000;
const maxPoints = 400;
const maxFalls = 20;

/** Series of the metrics that were asked for; everything else is left out before it costs anything. */
export interface SeriesStore {
  add(sample: EvidenceSample): void;
  wants(name: string): boolean;
  of(name: string): Series[];
  /** Series that had no room. */
  readonly dropped: number;
}

export function createSeriesStore(names: Iterable<string>): SeriesStore {
  const byName = new Map([...names].map((name) => [name, new Map<string, Series>()]));
  let total = 0;
  let dropped = 0;
  return {
    wants: (name) => byName.has(name),
    of: (name) => [...(byName.get(name)?.values() ?? [])],
    get dropped() {
      return dropped;
    },
    add({ unixMs, node, name, value, attributes }) {
      const ofName = byName.get(name);
      if (!ofName) return;
      const key = `${node}\u0000${JSON.stringify(attributes)}`;
      const series = ofName.get(key);
      if (series) return extend(series, unixMs, value);
      if (++total > maxSeries) {
        dropped++;
        return;
      }
      ofName.set(key, {
        node,
        name,
        attributes,
        count: 1,
        firstMs: unixMs,
        lastMs: unixMs,
        first: value,
        last: value,
        min: value,
        max: value,
        increase: 0,
        gap: undefined,
        falls: [],
        points: [[unixMs, value]],
        everyNth: 1,
      });
    },
  };
}

function extend(series: Series, unixMs: number, value: number): void {
  // Samples of a node come in the order of their times; one that does not counts for its value only.
  const inOrder = unixMs >= series.lastMs;
  series.count++;
  series.min = Math.min(series.min, value);
  series.max = Math.max(series.max, value);
  if (!inOrder) return;
  if (value >= series.last) series.increase += value - series.last;
  else if (series.falls.length < maxFalls) series.falls.push({ atMs: unixMs, before: series.last, after: value });
  const gapMs = unixMs - series.lastMs;
  if (!series.gap || gapMs > series.gap.untilMs - series.gap.fromMs) {
    series.gap = { fromMs: series.lastMs, untilMs: unixMs };
  }
  series.last = value;
  series.lastMs = unixMs;
  if (series.count % series.everyNth !== 0) return;
  series.points.push([unixMs, value]);
  if (series.points.length < maxPoints) return;
  series.points = series.points.filter((_, at) => at % 2 === 0);
  series.everyNth *= 2;
}
