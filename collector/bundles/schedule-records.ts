import type { CapClass } from '../../bundle/caps.ts';
import type { RedactionProfile } from '../../bundle/redaction/profile.ts';
import type { State } from '../state/state.ts';

/** A schedule as it is kept. */
export interface ScheduleRecord {
  name: string;
  cron: string;
  windowMs: number;
  nodes: string[];
  roles: string[];
  /** Of content; empty: all. */
  classes: CapClass[];
  redaction: RedactionProfile;
  /** What is stored as Parquet too. */
  parquet: boolean;
  createdBy: string;
  createdUnixMs: number;
  /** Every time of the schedule up to here has had its bundle, or was given up. */
  followedUnixMs: number;
  lastRunUnixMs: number | null;
  lastBundle: string | null;
  lastError: string | null;
}

/** Schedules in state.db. */
export interface ScheduleRecords {
  /** Durable when it returns. */
  save(record: ScheduleRecord): void;
  remove(name: string): void;
  get(name: string): ScheduleRecord | undefined;
  /** By name. */
  list(): ScheduleRecord[];
}

export function createScheduleRecords({ database }: State): ScheduleRecords {
  const columns =
    'name, cron, window_ms, nodes, roles, redaction, created_by, created_unix_ms, followed_unix_ms, last_run_unix_ms, last_bundle, last_error, parquet, classes';
  const upsert = database.prepare(
    `INSERT INTO bundle_schedules (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET followed_unix_ms = excluded.followed_unix_ms,
       last_run_unix_ms = excluded.last_run_unix_ms, last_bundle = excluded.last_bundle, last_error = excluded.last_error`,
  );
  const remove = database.prepare('DELETE FROM bundle_schedules WHERE name = ?');
  const one = database.prepare(`SELECT ${columns} FROM bundle_schedules WHERE name = ?`);
  const all = database.prepare(`SELECT ${columns} FROM bundle_schedules ORDER BY name`);
  return {
    save: (record) => {
      upsert.run(
        record.name,
        record.cron,
        record.windowMs,
        JSON.stringify(record.nodes),
        JSON.stringify(record.roles),
        record.redaction,
        record.createdBy,
        record.createdUnixMs,
        record.followedUnixMs,
        record.lastRunUnixMs,
        record.lastBundle,
        record.lastError,
        record.parquet ? 1 : 0,
        JSON.stringify(record.classes),
      );
    },
    remove: (name) => {
      remove.run(name);
    },
    get: (name) => {
      const row = one.get(name);
      return row && readRow(row);
    },
    list: () => all.all().map(readRow),
  };
}

const textOrNull = (value: unknown): string | null => (value === null ? null : String(value));

function readRow(row: Record<string, unknown>): ScheduleRecord {
  return {
    name: String(row.name),
    cron: String(row.cron),
    windowMs: Number(row.window_ms),
    nodes: JSON.parse(String(row.nodes)),
    roles: JSON.parse(String(row.roles)),
    redaction: String(row.redaction) as RedactionProfile,
    createdBy: String(row.created_by),
    createdUnixMs: Number(row.created_unix_ms),
    followedUnixMs: Number(row.followed_unix_ms),
    lastRunUnixMs: row.last_run_unix_ms === null ? null : Number(row.last_run_unix_ms),
    lastBundle: textOrNull(row.last_bundle),
    lastError: textOrNull(row.last_error),
    parquet: row.parquet === 1,
    classes: JSON.parse(String(row.classes)),
  };
}
