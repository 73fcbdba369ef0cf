import type { Labels } from '../labels.ts';
import type { Matcher } from '../matchers.ts';
import type { Grid } from './grid.ts';
import type { Work } from './work.ts';

/** A stored series, oldest sample first, no two of one time. */
export interface StoredSeries {
  labels: Labels;
  /** Milliseconds since the Unix epoch. */
  times: Float64Array;
  values: Float64Array;
  /** 1 where the sender said that there is no value any more. Such samples come for `newestOnly` alone. */
  ended?: Uint8Array;
}

/**
 * What a selector needs to know: the samples of all windows `windowMs` long that end at the times of the grid (their
 * beginning is not part of them), or of each window the newest sample alone.
 */
export interface Selection {
  matchers: readonly Matcher[];
  grid: Grid;
  windowMs: number;
  newestOnly: boolean;
}

/** Where series are read from. Series that have no sample in any window may be left out. */
export interface SeriesSource {
  select(selection: Selection, work: Work): Promise<StoredSeries[]>;
}
