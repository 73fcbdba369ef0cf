/** A log record as a source emits it. */
export interface LogLine {
  unixMs: number;
  /** Number of the severity, as OpenTelemetry counts; 0 when the source tells none. */
  severity: number;
  severityText: string;
  body: string;
  /** Name of the source: `files`, `journald`, `windows.eventlog`. */
  scope: string;
  attributes: Record<string, string | number>;
}

export const levels = {
  none: [0, ''],
  info: [9, 'INFO'],
  warn: [13, 'WARN'],
  error: [17, 'ERROR'],
} as const;
