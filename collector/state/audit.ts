import type { State } from './state.ts';

/** What is written down for good: who did what that matters to security. */
type AuditEvent =
  | 'node.enrolled'
  | 'node.enrollment-refused'
  | 'node.certificate-renewed'
  | 'node.revoked'
  | 'token.created'
  | 'token.revoked'
  | 'session.opened'
  | 'session.refused'
  | 'session.closed'
  | 'bundle.requested'
  | 'bundle.cancelled'
  | 'bundle.downloaded'
  | 'bundle.removed'
  | 'bundle.schedule-created'
  | 'bundle.schedule-deleted'
  | 'bundle.schedule-run'
  | 'profile.key-made'
  | 'profile.key-rotated'
  | 'profile.pushed'
  | 'profile.withdrawn'
  | 'profile.refused'
  | 'bundle.made-offline'
  | `export.${'requested' | 'refused' | 'approved' | 'started' | 'complete' | 'partial' | 'failed' | 'cancelled' | 'interrupted'}`
  | `export.${'medium' | 'medium-done' | 'lost' | 'back' | 'part-refused' | 'ejected'}`
  | 'redaction.revealed'
  | 'storage.dropped'
  | 'storage.backed-up'
  | 'quarantine.retried'
  | 'quarantine.dropped'
  | 'sql.asked';

export interface AuditEntry {
  at: string;
  event: string;
  who: string;
  details: Record<string, unknown>;
}

/** `details` must hold no secret. */
export type Audit = (event: AuditEvent, who: string, details: Record<string, unknown>) => void;

export interface AuditTrail {
  record: Audit;
  /** Newest first; with `sinceUnixMs` those from then on, with `untilUnixMs` those up to then, with `event` those alone. */
  list(options: {
    limit: number;
    sinceUnixMs?: number | undefined;
    untilUnixMs?: number | undefined;
    event?: AuditEvent | undefined;
  }): AuditEntry[];
  /** How many entries there are from then until then, both included. */
  count(span: { sinceUnixMs: number; untilUnixMs: number }): number;
}

/** Durable when `record` returns; joins the caller's transaction when one is open. */
export function createAuditTrail(state: State, capabilities: { nowMs: () => number }): AuditTrail {
  const insert = state.database.prepare('INSERT INTO audit (at_unix_ms, event, who, details) VALUES (?, ?, ?, ?)');
  const select = state.database.prepare(
    `SELECT at_unix_ms, event, who, details FROM audit
     WHERE at_unix_ms BETWEEN ? AND ? AND (? IS NULL OR event = ?) ORDER BY id DESC LIMIT ?`,
  );
  const total = state.database.prepare('SELECT count(*) AS entries FROM audit WHERE at_unix_ms BETWEEN ? AND ?');
  return {
    record(event, who, details) {
      insert.run(capabilities.nowMs(), event, who, JSON.stringify(details));
    },
    list({ limit, sinceUnixMs = 0, untilUnixMs = Number.MAX_SAFE_INTEGER, event = null }) {
      return select.all(sinceUnixMs, untilUnixMs, event, event, limit).map((row) => ({
        at: new Date(Number(row.at_unix_ms)).toISOString(),
        event: String(row.event),
        who: String(row.who),
        details: JSON.parse(String(row.details)),
      }));
    },
    count: ({ sinceUnixMs, untilUnixMs }) => Number(total.get(sinceUnixMs, untilUnixMs)?.entries ?? 0),
  };
}
