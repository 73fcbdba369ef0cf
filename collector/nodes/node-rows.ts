import type { SQLOutputValue } from 'node:sqlite';
import type { SourceHealth } from '../../protocol/control.ts';
import type { NodeRow } from '../api/shapes/nodes.ts';
import type { State } from '../state/state.ts';

/** A row of the table `nodes` without the inventory. */
export interface NodeRecord {
  readonly node: string;
  readonly enrolledUnixMs: number;
  hostName: string;
  os: string;
  version: string;
  lastSeenUnixMs: number | null;
  bootUnixMs: number | null;
  clockOffsetMs: number | null;
  spool: NodeRow['spool'];
  sources: SourceHealth[];
}

export interface NodeRows {
  all(): NodeRecord[];
  one(node: string): NodeRecord | undefined;
  /** Joins the caller's transaction. */
  save(record: NodeRecord): void;
  inventory(node: string): { unixMs: number; facts: Record<string, unknown> } | undefined;
  saveInventory(node: string, unixMs: number, facts: Record<string, unknown>): void;
}

const columns = `node, host_name, os, version, enrolled_unix_ms, last_seen_unix_ms, boot_unix_ms, clock_offset_ms,
  spool, sources`;

const numberOrNull = (value: SQLOutputValue | undefined): number | null =>
  value === null || value === undefined ? null : Number(value);

const toRecord = (row: Record<string, SQLOutputValue>): NodeRecord => ({
  node: String(row.node),
  enrolledUnixMs: Number(row.enrolled_unix_ms),
  hostName: String(row.host_name),
  os: String(row.os),
  version: String(row.version),
  lastSeenUnixMs: numberOrNull(row.last_seen_unix_ms),
  bootUnixMs: numberOrNull(row.boot_unix_ms),
  clockOffsetMs: numberOrNull(row.clock_offset_ms),
  spool: row.spool === null ? null : JSON.parse(String(row.spool)),
  sources: JSON.parse(String(row.sources)),
});

export function createNodeRows(state: State): NodeRows {
  const { database } = state;
  const all = database.prepare(`SELECT ${columns} FROM nodes`);
  const one = database.prepare(`SELECT ${columns} FROM nodes WHERE node = ?`);
  const save = database.prepare(
    `UPDATE nodes SET host_name = ?, os = ?, version = ?, last_seen_unix_ms = ?, boot_unix_ms = ?,
     clock_offset_ms = ?, spool = ?, sources = ? WHERE node = ?`,
  );
  const inventory = database.prepare(
    'SELECT inventory, inventory_unix_ms FROM nodes WHERE node = ? AND inventory IS NOT NULL',
  );
  const saveInventory = database.prepare('UPDATE nodes SET inventory = ?, inventory_unix_ms = ? WHERE node = ?');
  return {
    all: () => all.all().map(toRecord),
    one(node) {
      const row = one.get(node);
      return row && toRecord(row);
    },
    save(record) {
      save.run(
        record.hostName,
        record.os,
        record.version,
        record.lastSeenUnixMs,
        record.bootUnixMs === null ? null : Math.round(record.bootUnixMs),
        record.clockOffsetMs,
        record.spool && JSON.stringify(record.spool),
        JSON.stringify(record.sources),
        record.node,
      );
    },
    inventory(node) {
      const row = inventory.get(node);
      return row && { unixMs: Number(row.inventory_unix_ms), facts: JSON.parse(String(row.inventory)) };
    },
    saveInventory(node, unixMs, facts) {
      saveInventory.run(JSON.stringify(facts), Math.round(unixMs), node);
    },
  };
}
