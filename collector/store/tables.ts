import type { Signal } from '../../protocol/headers.ts';

/** A table of stored telemetry. Its name is also the name of its files in sql/tables and sql/inserts. */
export interface TelemetryTable {
  name: string;
  signal: Signal;
  /** Column that the table is partitioned by, one day a partition. */
  timeColumn: 'Timestamp' | 'TimeUnix';
}

export const telemetryTables: readonly TelemetryTable[] = [
  { name: 'otel_logs', signal: 'logs', timeColumn: 'Timestamp' },
  { name: 'otel_metrics_gauge', signal: 'metrics', timeColumn: 'TimeUnix' },
  { name: 'otel_metrics_sum', signal: 'metrics', timeColumn: 'TimeUnix' },
  { name: 'otel_metrics_histogram', signal: 'metrics', timeColumn: 'TimeUnix' },
  { name: 'otel_metrics_exponential_histogram', signal: 'metrics', timeColumn: 'TimeUnix' },
  { name: 'otel_metrics_summary', signal: 'metrics', timeColumn: 'TimeUnix' },
  { name: 'otel_traces', signal: 'traces', timeColumn: 'Timestamp' },
];
