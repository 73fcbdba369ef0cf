/**
 * Log records, as `/api/v1` answers; the command line and the dashboard import these types.
 * Times are RFC 3339 with nanoseconds where the source has them; durations and offsets are milliseconds.
 */

export const severities = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'unset'] as const;
export type Severity = (typeof severities)[number];

export interface LogRow {
  timestamp: string;
  node: string;
  severity: Severity;
  body: string;
  attributes: Record<string, string>;
  /** What an OTLP client says of where it runs; but for `service.name`, which is among the attributes. */
  resource?: Record<string, string>;
  eventName?: string;
  /** Lower-case hexadecimal, as the next. */
  traceId?: string;
  spanId?: string;
  /** Its place, to ask for what stands around it or to go on from; where it was asked for. */
  cursor?: string;
}

export interface LogContext {
  /** In the order of arrival, as the record in the middle. */
  before: LogRow[];
  record: LogRow;
  after: LogRow[];
}

export interface LogPage {
  records: LogRow[];
  /** Pass as `cursor` for the next page; null at the end. */
  next: string | null;
  rowsRead: number;
  bytesRead: number;
}

export interface LogHistogram {
  stepMs: number;
  buckets: { timestamp: string; counts: Partial<Record<Severity, number>> }[];
}

export interface FieldFacet {
  field: string;
  values: { value: string; count: number }[];
}
