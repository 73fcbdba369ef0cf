import type { AlertRow, AlertState } from '../api/shapes/alerts.ts';
import type { State } from '../state/state.ts';
import type { TrackedAlert } from './alert-machine.ts';
import { type AlertRule, whatToDoAbout } from './alert-rule.ts';

/** Resolved alerts are kept for this long, and at most so many of them. */
const keepResolvedMs = 90 * 86_400_000;
const keepResolvedRows = 10_000;

/** Who an alert is about. */
export interface AlertSubject {
  rule: string;
  node: string;
  subject: string;
}

interface OpenAlert extends AlertSubject {
  tracked: TrackedAlert;
}

/** Alerts in state.db: every write is durable when it returns, and an alert that was open is open after a restart. */
export interface AlertHistory {
  open(): OpenAlert[];
  /** Writes a pending or firing alert down, or what is new about it. */
  save(about: AlertSubject, rule: AlertRule, alert: TrackedAlert, summary: string): void;
  resolve(about: AlertSubject, atMs: number, why: string): void;
  /** Removes an alert that never fired. */
  drop(about: AlertSubject): void;
  /** Open alerts, and resolved ones since then where asked for. Newest first. */
  list(filter: { state?: AlertState | undefined; resolvedSinceMs?: number | undefined }): AlertRow[];
  /** Forgets resolved alerts that are old or too many. */
  trim(nowMs: number): void;
  /** Remembers a counter and gives back when it last grew; undefined when it never did. */
  counterGrewAt(name: string, node: string, value: number, nowMs: number): number | undefined;
}

export function createAlertHistory(state: State): AlertHistory {
  const { database } = state;
  const selectOpen = database.prepare("SELECT * FROM alerts WHERE state != 'resolved'");
  const upsert = database.prepare(`
    INSERT INTO alerts (rule, node, subject, severity, state, since_unix_ms, value, value_unix_ms, limit_value, unit, summary, what_to_do)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (rule, node, subject) WHERE state != 'resolved' DO UPDATE SET
      severity = excluded.severity, state = excluded.state, since_unix_ms = excluded.since_unix_ms,
      value = excluded.value, value_unix_ms = excluded.value_unix_ms, limit_value = excluded.limit_value,
      unit = excluded.unit, summary = excluded.summary, what_to_do = excluded.what_to_do`);
  const setResolved = database.prepare(`
    UPDATE alerts SET state = 'resolved', resolved_unix_ms = ?, resolved_why = ?
    WHERE rule = ? AND node = ? AND subject = ? AND state != 'resolved'`);
  const remove = database.prepare(
    "DELETE FROM alerts WHERE rule = ? AND node = ? AND subject = ? AND state = 'pending'",
  );
  const selectRows = database.prepare(`
    SELECT * FROM alerts
    WHERE (? = '' OR state = ?) AND (state != 'resolved' OR resolved_unix_ms >= ?)
    ORDER BY since_unix_ms DESC, id DESC LIMIT 10000`);
  const removeOld = database.prepare(`
    DELETE FROM alerts WHERE state = 'resolved' AND (resolved_unix_ms < ? OR id NOT IN (
      SELECT id FROM alerts WHERE state = 'resolved' ORDER BY resolved_unix_ms DESC, id DESC LIMIT ?))`);
  const selectCounter = database.prepare('SELECT value, grown_unix_ms FROM alert_counters WHERE name = ? AND node = ?');
  const saveCounter = database.prepare(`
    INSERT INTO alert_counters (name, node, value, grown_unix_ms) VALUES (?, ?, ?, ?)
    ON CONFLICT (name, node) DO UPDATE SET value = excluded.value, grown_unix_ms = excluded.grown_unix_ms`);

  return {
    open: () =>
      selectOpen.all().map((row) => ({
        rule: String(row.rule),
        node: String(row.node),
        subject: String(row.subject),
        tracked: {
          state: row.state === 'pending' ? 'pending' : 'firing',
          sinceMs: Number(row.since_unix_ms),
          value: Number(row.value),
          valueAtMs: Number(row.value_unix_ms),
        },
      })),
    save({ node, subject }, rule, alert, summary) {
      upsert.run(
        rule.id,
        node,
        subject,
        rule.severity,
        alert.state,
        alert.sinceMs,
        alert.value,
        alert.valueAtMs,
        rule.limit,
        rule.unit,
        summary,
        whatToDoAbout(rule, subject),
      );
    },
    resolve({ rule, node, subject }, atMs, why) {
      setResolved.run(atMs, why, rule, node, subject);
    },
    drop({ rule, node, subject }) {
      remove.run(rule, node, subject);
    },
    list: ({ state: wanted = '', resolvedSinceMs = Number.MAX_SAFE_INTEGER }) =>
      selectRows
        .all(wanted, wanted, wanted === 'resolved' ? Math.min(resolvedSinceMs, 0) : resolvedSinceMs)
        .map(alertRow),
    trim(nowMs) {
      removeOld.run(nowMs - keepResolvedMs, keepResolvedRows);
    },
    counterGrewAt(name, node, value, nowMs) {
      const known = selectCounter.get(name, node);
      const before = known ? Number(known.value) : 0;
      const grownMs = known?.grown_unix_ms == null ? undefined : Number(known.grown_unix_ms);
      if (known && value === before) return grownMs;
      // A counter that fell has begun anew: only what it has counted since is news.
      const grew = value > before || (value < before && value > 0);
      const at = grew ? nowMs : grownMs;
      saveCounter.run(name, node, value, at ?? null);
      return at;
    },
  };
}

function alertRow(row: Record<string, unknown>): AlertRow {
  const resolvedMs = row.resolved_unix_ms === null ? undefined : Number(row.resolved_unix_ms);
  const why = row.resolved_why === null ? '' : `; resolved: ${String(row.resolved_why)}`;
  return {
    id: String(row.id),
    rule: String(row.rule),
    severity: row.severity === 'critical' ? 'critical' : 'warning',
    state: row.state as AlertState,
    node: String(row.node),
    subject: String(row.subject),
    since: new Date(Number(row.since_unix_ms)).toISOString(),
    resolvedAt: resolvedMs === undefined ? null : new Date(resolvedMs).toISOString(),
    value: Number(row.value),
    limit: Number(row.limit_value),
    unit: String(row.unit),
    summary: `${String(row.summary)}${why}`,
    whatToDo: String(row.what_to_do),
  };
}
