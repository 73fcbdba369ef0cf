import type { Signal } from '../../protocol/headers.ts';
import type { Reading } from './outline.ts';

/*
 * The columns that the engine makes of one journal entry: sql/schema/otlp.proto told in the engine's types.
 * Members that no table holds are left out; the engine skips them.
 *
 * `value` is the engine's own column for a Protobuf oneof (`input_format_protobuf_oneof_presence`): which member was
 * set, if any. It tells an unset value from a zero, and costs a third less than Nullable members.
 */
const scalars =
  "value Enum8('unset'=0, 'string_value'=1, 'bool_value'=2, 'int_value'=3, 'double_value'=4, 'array_value'=5, " +
  "'kvlist_value'=6, 'bytes_value'=7), " +
  'string_value String, bool_value UInt64, int_value Int64, double_value Float64, bytes_value String';

const leafValue = `${scalars}, array_value String, kvlist_value String`;
const anyValue =
  `${scalars}, array_value Tuple(values Array(Tuple(${leafValue}))), ` +
  `kvlist_value Tuple(values Array(Tuple(key String, value Tuple(${leafValue}))))`;

function structures({ nested, recordAttributes }: Reading): Readonly<Record<string, string>> {
  const value = nested ? anyValue : scalars;
  const pairs = `Array(Tuple(key String, value Tuple(${value})))`;
  const texts = 'Array(Tuple(key String, value Tuple(string_value String)))';
  const resource = `Tuple(attributes ${pairs})`;
  const scope = `Tuple(name String, version String, attributes ${pairs}, dropped_attributes_count UInt64)`;
  const mark =
    'node String, sequence UInt64, stream String, epoch String, received_unix_nano UInt64, empty_before UInt64';
  const entry = (list: string, scopes: string, items: string): string =>
    `${list} Array(Tuple(resource ${resource}, ${scopes} Array(Tuple(scope ${scope}, ${items}, schema_url String)), ` +
    `schema_url String)), ${mark}`;

  const logRecord =
    'time_unix_nano UInt64, observed_time_unix_nano UInt64, severity_number Int64, severity_text String, ' +
    `body Tuple(${value}), attributes ${pairs}, flags UInt32, trace_id String, span_id String, event_name String`;

  const exemplars =
    `exemplars Array(Tuple(filtered_attributes ${pairs}, time_unix_nano UInt64, ` +
    "value Enum8('unset'=0, 'as_double'=3, 'as_int'=6), as_double Float64, as_int Int64, " +
    'span_id String, trace_id String))';
  const point = `attributes ${pairs}, start_time_unix_nano UInt64, time_unix_nano UInt64, flags UInt64`;
  const numberPoint = `${point}, value Enum8('unset'=0, 'as_double'=4, 'as_int'=6), as_double Float64, as_int Int64, ${exemplars}`;
  const distribution = `${point}, ${exemplars}, count UInt64, sum Float64, min Float64, max Float64`;
  const buckets = 'Tuple(offset Int64, bucket_counts Array(UInt64))';
  const metric = (kind: string, dataPoint: string, more = ''): string =>
    entry(
      'resource_metrics',
      'scope_metrics',
      'metrics Array(Tuple(name String, description String, unit String, ' +
        `${kind} Tuple(data_points Array(Tuple(${dataPoint}))${more})))`,
    );

  const span =
    'trace_id String, span_id String, trace_state String, parent_span_id String, name String, kind Int64, ' +
    `start_time_unix_nano UInt64, end_time_unix_nano UInt64, attributes ${pairs}, ` +
    `events Array(Tuple(time_unix_nano UInt64, name String, attributes ${pairs})), ` +
    `links Array(Tuple(trace_id String, span_id String, trace_state String, attributes ${pairs})), ` +
    'status Tuple(message String, code Int64)';

  return {
    otel_logs: entry(
      'resource_logs',
      'scope_logs',
      `${recordAttributes ? `record_attributes ${texts}, ` : ''}log_records Array(Tuple(${logRecord}))`,
    ),
    otel_metrics_gauge: metric('gauge', numberPoint),
    otel_metrics_sum: metric('sum', numberPoint, ', aggregation_temporality Int64, is_monotonic UInt64'),
    otel_metrics_histogram: metric(
      'histogram',
      `${distribution}, bucket_counts Array(UInt64), explicit_bounds Array(Float64)`,
      ', aggregation_temporality Int64',
    ),
    otel_metrics_exponential_histogram: metric(
      'exponential_histogram',
      `${distribution}, scale Int64, zero_count UInt64, positive ${buckets}, negative ${buckets}`,
      ', aggregation_temporality Int64',
    ),
    otel_metrics_summary: metric(
      'summary',
      `${point}, count UInt64, sum Float64, quantile_values Array(Tuple(quantile Float64, value Float64))`,
    ),
    otel_traces: entry('resource_spans', 'scope_spans', `spans Array(Tuple(${span}))`),
  };
}

/** Structure of a journal file as the insert into a table reads it: only what that table keeps. */
export function journalStructure(table: string, reading: Reading): string {
  const structure = structures(reading)[table];
  if (structure === undefined) throw new Error(`BUG: no structure for ${table}`);
  return structure;
}

/** Message of sql/schema/otlp.proto that one journal entry is. */
export const batchMessage: Record<Signal, string> = {
  logs: 'LogsBatch',
  metrics: 'MetricsBatch',
  traces: 'TracesBatch',
};
