import { endOf } from '../../../../collector/prometheus/evaluate/grid.ts';
import type { SeriesSource, StoredSeries } from '../../../../collector/prometheus/evaluate/stored-series.ts';
import { labelsOf, nameLabel } from '../../../../collector/prometheus/labels.ts';
import { matchesAll } from '../../../../collector/prometheus/matchers.ts';

/** A series as a test writes it down: labels with `__name__`, and samples at seconds after `originMs`. */
export interface WrittenSeries {
  name: string;
  labels: Record<string, string>;
  samples: [seconds: number, value: number][];
}

/** 2026-11-20T00:00:00Z: whole minutes, hours and days begin here. */
export const originMs = 1_795_132_800_000;

/** Series from memory, cut to the windows that are asked for at most. */
export function memorySource(written: WrittenSeries[]): SeriesSource {
  const stored: StoredSeries[] = written.map(({ name, labels, samples }) => ({
    labels: labelsOf([[nameLabel, name], ...Object.entries(labels)]),
    times: Float64Array.from(samples, ([seconds]) => originMs + seconds * 1000),
    values: Float64Array.from(samples, ([, value]) => value),
  }));
  return {
    async select({ matchers, grid, windowMs }) {
      return stored
        .filter(({ labels }) => matchesAll(labels, matchers))
        .map(({ labels, times, values }) => {
          const isNear = (_: number, index: number) =>
            (times[index] ?? 0) > grid.startMs - windowMs && (times[index] ?? 0) <= endOf(grid);
          return { labels, times: times.filter(isNear), values: values.filter(isNear) };
        })
        .filter(({ times }) => times.length > 0);
    },
  };
}
