/** One line (or one layer of stacked bars) of a chart. */
export interface ChartSeries {
  /** Stays the same from refresh to refresh. */
  key: string;
  label: string;
  /** Custom property that holds its colour. */
  colour: string;
  dashed?: boolean;
  values: (number | null)[];
}

export interface ChartData {
  /** Unix milliseconds, ascending, shared by all series. */
  timestamps: number[];
  series: ChartSeries[];
}

/** Colours that stay apart for every kind of colour vision, in this order; see style/colours.css. */
export const chartColours = 8;
export const chartColour = (index: number): string => `--chart-${(index % chartColours) + 1}`;

/** Missing samples up to this many are a late sample, not a gap: intervals of source and chart are never in step. */
const bridged = 2;

/** Marks short runs of missing values as to be bridged: uPlot draws through `undefined` and breaks at null. */
export function bridgeShortGaps(values: (number | null)[]): (number | null | undefined)[] {
  const out: (number | null | undefined)[] = [...values];
  let run = 0;
  for (let index = 0; index <= values.length; index += 1) {
    if (index < values.length && values[index] === null) {
      run += 1;
      continue;
    }
    const start = index - run;
    if (run > 0 && run <= bridged && start > 0 && index < values.length) out.fill(undefined, start, index);
    run = 0;
  }
  return out;
}

/** Heights to draw stacked layers at: each stands on those before it. Null where a layer adds nothing. */
export function stack(series: ChartSeries[]): (number | null)[][] {
  const below: number[] = [];
  return series.map((layer) =>
    layer.values.map((value, index) => {
      const top = (below[index] ?? 0) + (value ?? 0);
      below[index] = top;
      return value ? top : null;
    }),
  );
}
