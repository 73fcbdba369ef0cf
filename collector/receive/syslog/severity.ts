import { SeverityNumber } from '@opentelemetry/api-logs';

export interface RecordSeverity {
  number: SeverityNumber;
  text: string;
}

/** Severities 0–7 under OpenTelemetry's numbers, as its log data model maps them. */
const syslogSeverities: readonly RecordSeverity[] = [
  { number: SeverityNumber.FATAL, text: 'emerg' },
  { number: SeverityNumber.ERROR3, text: 'alert' },
  { number: SeverityNumber.ERROR2, text: 'crit' },
  { number: SeverityNumber.ERROR, text: 'err' },
  { number: SeverityNumber.WARN, text: 'warning' },
  { number: SeverityNumber.INFO2, text: 'notice' },
  { number: SeverityNumber.INFO, text: 'info' },
  { number: SeverityNumber.DEBUG, text: 'debug' },
];

/** The names that CEF allows instead of a number, and the number that stands for each. */
const cefNames = new Map([
  ['low', 3],
  ['medium', 6],
  ['high', 8],
  ['very-high', 10],
]);

/**
 * CEF's 0–10. The control plane writes 0 for verbose, 2 for information, 5 for warning, 8 for error, 10 for critical,
 * each beside the syslog severity that means the same.
 */
function cefSeverity(written: string): RecordSeverity | undefined {
  const value = /^\d{1,2}$/.test(written) ? Number(written) : cefNames.get(written.toLowerCase());
  if (value === undefined || value > 10) return undefined;
  if (value >= 9) return { number: SeverityNumber.ERROR2, text: written };
  if (value >= 7) return { number: SeverityNumber.ERROR, text: written };
  if (value >= 4) return { number: SeverityNumber.WARN, text: written };
  return { number: value === 0 ? SeverityNumber.DEBUG : SeverityNumber.INFO, text: written };
}

/**
 * The more severe of what the priority and the CEF header say: many devices send every CEF line under one priority.
 */
export function severityOf(said: { priority?: number; cefSeverity?: string }): RecordSeverity | undefined {
  const syslog = said.priority === undefined ? undefined : syslogSeverities[said.priority & 7];
  const cef = said.cefSeverity === undefined ? undefined : cefSeverity(said.cefSeverity);
  if (!syslog || !cef) return syslog ?? cef;
  return cef.number > syslog.number ? cef : syslog;
}
