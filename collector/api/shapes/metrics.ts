/**
 * Metrics, as `/api/v1` answers; the command line and the dashboard import these types.
 * Times are RFC 3339 with nanoseconds where the source has them; durations and offsets are milliseconds.
 */

export const metricKinds = ['gauge', 'sum', 'histogram', 'exponential-histogram', 'summary'] as const;
export type MetricKind = (typeof metricKinds)[number];

export interface MetricName {
  name: string;
  unit: string;
  kind: MetricKind;
  description: string;
}

export interface MetricPoint {
  timestamp: string;
  node: string;
  /** Of a histogram or summary the average of what it has observed. */
  value: number;
  unit: string;
  attributes: Record<string, string>;
  /** What a histogram or summary has observed, as it was sent: since its start when it is cumulative. */
  distribution?: {
    count: number;
    sum: number;
    /** How many values lie up to a bound and above the one before; null is no bound. Of histograms. */
    buckets?: { upperBound: number | null; count: number }[];
    /** Of summaries. */
    quantiles?: { quantile: number; value: number }[];
  };
}

/**
 * `rate` is per second, for sums and for what histograms count; it takes counter resets into account.
 * `count`, `p50`, `p95` and `p99` are for histograms and summaries.
 */
export const aggregations = ['avg', 'min', 'max', 'last', 'sum', 'rate', 'count', 'p50', 'p95', 'p99'] as const;
export type Aggregation = (typeof aggregations)[number];

export interface MetricSeries {
  name: string;
  unit: string;
  stepMs: number;
  /** Shared time axis, Unix milliseconds. */
  timestamps: number[];
  series: { labels: Record<string, string>; values: (number | null)[] }[];
}
