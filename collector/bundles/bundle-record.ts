import { join } from 'node:path';
import type { BundleCaps, CapClass } from '../../bundle/caps.ts';
import type { RedactionProfile } from '../../bundle/redaction/profile.ts';
import type { BundleItemProgress, BundleJob, BundleOrigin, BundleState } from '../api/shapes/bundles.ts';
import type { State } from '../state/state.ts';
import { overallProgress } from './overall-progress.ts';

/** One bundle job as it is kept. */
export interface BundleRecord {
  id: string;
  name: string;
  state: BundleState;
  fromUnixMs: number;
  untilUnixMs: number;
  createdUnixMs: number;
  finishedUnixMs: number | null;
  bytes: number;
  error: string | null;
  requestedBy: string;
  origin: BundleOrigin;
  nodes: string[];
  roles: string[];
  /** Of content; empty: all. */
  classes: CapClass[];
  redaction: RedactionProfile;
  caps: BundleCaps;
  /** What cannot be redacted was asked for too. */
  raw: boolean;
  /** What is stored was asked for as Parquet too. */
  parquet: boolean;
  items: BundleItemProgress[];
  /** How often it was begun. */
  attempts: number;
  /** When retention took its folder away. */
  removedUnixMs: number | null;
}

export const isFinished = (state: BundleState): boolean => !['waiting', 'gathering', 'writing'].includes(state);
/** A finished job whose bundle is on disk. */
export const hasBundle = ({ state, removedUnixMs }: Pick<BundleRecord, 'state' | 'removedUnixMs'>): boolean =>
  (state === 'complete' || state === 'partial') && removedUnixMs === null;

/** The job history in state.db. */
export interface BundleRecords {
  /** Durable when it returns. */
  save(record: BundleRecord): void;
  get(id: string): BundleRecord | undefined;
  /** Newest first; with `start` those whose ids begin so. */
  list(limit: number, start?: string): BundleRecord[];
  unfinished(): BundleRecord[];
  /** Jobs of this origin created after that, newest first. */
  orderedSince(origin: BundleOrigin, unixMs: number): { requestedBy: string; createdUnixMs: number }[];
  /** Those whose bundle is on disk, newest first. */
  kept(): BundleRecord[];
}

export function createBundleRecords(state: State): BundleRecords {
  const columns =
    'id, name, state, from_unix_ms, until_unix_ms, created_unix_ms, finished_unix_ms, bytes, error, requested_by, nodes, roles, redaction, items, origin, removed_unix_ms, attempts, caps, raw, parquet, classes';
  const upsert = state.database.prepare(
    `INSERT INTO bundles (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET state = excluded.state, finished_unix_ms = excluded.finished_unix_ms,
       bytes = excluded.bytes, error = excluded.error, nodes = excluded.nodes, items = excluded.items,
       removed_unix_ms = excluded.removed_unix_ms, attempts = excluded.attempts`,
  );
  const one = state.database.prepare(`SELECT ${columns} FROM bundles WHERE id = ?`);
  const newest = state.database.prepare(
    `SELECT ${columns} FROM bundles WHERE substr(id, 1, length(?1)) = ?1 ORDER BY created_unix_ms DESC LIMIT ?2`,
  );
  const open = state.database.prepare(
    `SELECT ${columns} FROM bundles WHERE state IN ('waiting', 'gathering', 'writing')`,
  );
  const ordered = state.database.prepare(
    `SELECT requested_by, created_unix_ms FROM bundles WHERE origin = ? AND created_unix_ms > ?
     ORDER BY created_unix_ms DESC LIMIT 10000`,
  );
  const kept = state.database.prepare(
    `SELECT ${columns} FROM bundles WHERE state IN ('complete', 'partial') AND removed_unix_ms IS NULL
     ORDER BY created_unix_ms DESC`,
  );
  return {
    save: (record) => {
      upsert.run(
        record.id,
        record.name,
        record.state,
        record.fromUnixMs,
        record.untilUnixMs,
        record.createdUnixMs,
        record.finishedUnixMs,
        record.bytes,
        record.error,
        record.requestedBy,
        JSON.stringify(record.nodes),
        JSON.stringify(record.roles),
        record.redaction,
        JSON.stringify(record.items),
        record.origin,
        record.removedUnixMs,
        record.attempts,
        JSON.stringify(record.caps),
        record.raw ? 1 : 0,
        record.parquet ? 1 : 0,
        JSON.stringify(record.classes),
      );
    },
    get: (id) => {
      const row = one.get(id);
      return row && readRow(row);
    },
    list: (limit, start = '') => newest.all(start, limit).map(readRow),
    unfinished: () => open.all().map(readRow),
    orderedSince: (origin, unixMs) =>
      ordered.all(origin, unixMs).map((row) => ({
        requestedBy: String(row.requested_by),
        createdUnixMs: Number(row.created_unix_ms),
      })),
    kept: () => kept.all().map(readRow),
  };
}

/** What jobs of earlier releases have not written down. */
const untold = { records: null, elapsedMs: null, expected: null };

function readRow(row: Record<string, unknown>): BundleRecord {
  return {
    id: String(row.id),
    name: String(row.name),
    state: String(row.state) as BundleState,
    fromUnixMs: Number(row.from_unix_ms),
    untilUnixMs: Number(row.until_unix_ms),
    createdUnixMs: Number(row.created_unix_ms),
    finishedUnixMs: row.finished_unix_ms === null ? null : Number(row.finished_unix_ms),
    bytes: Number(row.bytes),
    error: row.error === null ? null : String(row.error),
    requestedBy: String(row.requested_by),
    nodes: JSON.parse(String(row.nodes)),
    roles: JSON.parse(String(row.roles)),
    redaction: String(row.redaction) as RedactionProfile,
    caps: JSON.parse(String(row.caps)),
    raw: row.raw === 1,
    parquet: row.parquet === 1,
    classes: JSON.parse(String(row.classes)),
    items: (JSON.parse(String(row.items)) as BundleItemProgress[]).map((item) => ({ ...untold, ...item })),
    origin: String(row.origin) as BundleOrigin,
    attempts: Number(row.attempts),
    removedUnixMs: row.removed_unix_ms === null ? null : Number(row.removed_unix_ms),
  };
}

/** Sources of a job that ended before they had: nothing goes on that could end them. */
export const endedItems = (items: readonly BundleItemProgress[], state: 'cancelled' | 'failed'): BundleItemProgress[] =>
  items.map((item) => (item.state === 'waiting' || item.state === 'running' ? { ...item, state } : item));

const time = (unixMs: number): string => new Date(unixMs).toISOString();

/** The record as the API shows it. */
export const bundleJob = (
  record: BundleRecord,
  { folder, nowMs, unbegunBytes }: { folder: string; nowMs: number; unbegunBytes: readonly number[] | undefined },
): BundleJob => ({
  id: record.id,
  name: record.name,
  state: record.state,
  from: time(record.fromUnixMs),
  until: time(record.untilUnixMs),
  createdAt: time(record.createdUnixMs),
  finishedAt: record.finishedUnixMs === null ? null : time(record.finishedUnixMs),
  bytes: record.bytes,
  path: hasBundle(record) ? join(folder, record.name) : null,
  removedAt: record.removedUnixMs === null ? null : time(record.removedUnixMs),
  error: record.error,
  origin: record.origin,
  requestedBy: record.requestedBy,
  nodes: record.nodes,
  classes: record.classes,
  redaction: record.redaction,
  progress: overallProgress(record.items, {
    isActive: !isFinished(record.state),
    elapsedMs: Math.max(0, (record.finishedUnixMs ?? nowMs) - record.createdUnixMs),
    unbegunBytes,
  }),
  items: record.items,
});
