/**
 * Who may ask, and what every answer of `/api/v1` shares; command line and dashboard import these types.
 * Times are RFC 3339 with nanoseconds where the source has them; durations and offsets are milliseconds.
 */

export interface SessionInfo {
  user: string;
  role: 'viewer' | 'administrator';
  site: string;
  version: string;
  /** Where what is shown comes from bundles, and nothing is live: the window of all of them. */
  evidence?: { from: string; until: string; bundles: { name: string; site: string; from: string; until: string }[] };
}

/** Rows by name of column; `complete` is false when the limit left some out. */
export interface SqlAnswer {
  columns: { name: string; type: string }[];
  rows: Record<string, unknown>[];
  complete: boolean;
  rowsRead: number;
  bytesRead: number;
  elapsedMs: number;
}

export interface ApiError {
  error: { code: string; message: string; nextStep: string };
}

/** A token that can still be used; its secret is known to its bearer alone. */
export interface TokenRow {
  /** What `DELETE /api/v1/tokens/:id` takes. */
  id: string;
  kind: string;
  name: string;
  role: string;
  createdBy: string;
  createdAt: string;
  expiresAt: string;
}
