import type { Signal } from '../../protocol/headers.ts';
import type { Outline } from './outline.ts';

/** A table of stored telemetry. Its name is also the name of its files in sql/tables and sql/inserts. */
export interface TelemetryTable {
  name: string;
  signal: Signal;
  /** Column that the table is partitioned by, one day a partition. */
  timeColumn: 'Timestamp' | 'TimeUnix';
  /** Field of the Metric message that holds this table's points. */
  metricField?: number;
}

export const telemetryTables: readonly TelemetryTable[] = [
  { name: 'otel_logs', signal: 'logs', timeColumn: 'Timestamp' },
  { name: 'otel_metrics_gauge', signal: 'metrics', timeColumn: 'TimeUnix', metricField: 5 },
  { name: 'otel_metrics_sum', signal: 'metrics', timeColumn: 'TimeUnix', metricField: 7 },
  { name: 'otel_metrics_histogram', signal: 'metrics', timeColumn: 'TimeUnix', metricField: 9 },
  { name: 'otel_metrics_exponential_histogram', signal: 'metrics', timeColumn: 'TimeUnix', metricField: 10 },
  { name: 'otel_metrics_summary', signal: 'metrics', timeColumn: 'TimeUnix', metricField: 11 },
  { name: 'otel_traces', signal: 'traces', timeColumn: 'Timestamp' },
];

/** What is kept, and dropped, together. */
export type StoredClass = Signal | 'rollups';

export interface StoredTable {
  name: string;
  class: StoredClass;
  partitionDays: 1 | 7;
}

/** What is worked out of gauges and sums (rollups.ts). */
export const rollupTables: readonly StoredTable[] = [
  { name: 'metric_rollup_5m', class: 'rollups', partitionDays: 7 },
  { name: 'metric_rollup_1h', class: 'rollups', partitionDays: 7 },
];

/** Every table whose partitions have an end of their time. */
export const storedTables: readonly StoredTable[] = [
  ...telemetryTables.map(({ name, signal }): StoredTable => ({ name, class: signal, partitionDays: 1 })),
  ...rollupTables,
];

/** The tables that the content of a journal file goes into. */
export const tablesFor = (signal: Signal, outline: Outline): TelemetryTable[] =>
  telemetryTables.filter(
    (table) =>
      table.signal === signal &&
      (table.metricField === undefined || (outline.metricKinds & (1 << table.metricField)) !== 0),
  );
