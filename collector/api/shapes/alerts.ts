/**
 * Alerts, as `/api/v1` answers; the command line and the dashboard import these types.
 * Times are RFC 3339 with nanoseconds where the source has them; durations and offsets are milliseconds.
 */

export type AlertState = 'pending' | 'firing' | 'resolved';

export interface AlertRow {
  id: string;
  rule: string;
  severity: 'warning' | 'critical';
  state: AlertState;
  node: string;
  /** What it is about on that node, for example a mount point. */
  subject: string;
  since: string;
  resolvedAt: string | null;
  value: number;
  limit: number;
  unit: string;
  summary: string;
  whatToDo: string;
}
