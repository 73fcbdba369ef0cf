import { join, relative } from 'node:path';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Store } from '../store/store.ts';
import { storedTables } from '../store/tables.ts';

export interface TableUsage {
  table: string;
  rows: number;
  bytes: number;
  parts: number;
}

export interface StorageUsage {
  tables: TableUsage[];
  days: { table: string; day: string; rows: number; bytes: number }[];
  /** Rows are counted, bytes estimated by the share of each table's rows. */
  nodes: { node: string; rows: number; bytes: number }[];
}

/** A table's parts as they were when they were frozen, as hard links. */
export interface FrozenTable {
  table: string;
  folder: string;
}

type Upkeep = Pick<Store, 'query' | 'maintain'>;

/** In the order in which they are frozen: progress is never newer than what it tells of. */
const backedUpTables = ['schema_version', 'rollup_progress', ...storedTables.map(({ name }) => name)];
const longestMs = 3_600_000;

const partsOf = `FROM system.parts WHERE active AND database = currentDatabase()`;

/** Bytes on disk by table, by day, and by node. */
export async function readUsage(store: Upkeep): Promise<StorageUsage> {
  const ask = async <Row>(sql: string): Promise<Row[]> => (await store.query<Row>(sql, { timeoutMs: 60_000 })).rows;
  const sums = 'toFloat64(sum(rows)) AS rowCount, toFloat64(sum(bytes_on_disk)) AS bytes';
  const tables = await ask<{ name: string; rowCount: number; bytes: number; parts: number }>(
    `SELECT table AS name, ${sums}, toUInt32(count()) AS parts ${partsOf} GROUP BY name ORDER BY bytes DESC`,
  );
  const days = await ask<{ name: string; day: string; rowCount: number; bytes: number }>(
    `SELECT table AS name, toString(partition) AS day, ${sums} ${partsOf} AND partition != 'tuple()' ` +
      'GROUP BY name, day ORDER BY day DESC, name',
  );
  const nodes = new Map<string, { rows: number; bytes: number }>();
  for (const table of tables.filter(({ name }) => storedTables.some((stored) => stored.name === name))) {
    const shares = await ask<{ node: string; n: number }>(
      `SELECT toString(Node) AS node, toFloat64(count()) AS n FROM ${table.name} GROUP BY node`,
    );
    for (const { node, n } of shares) {
      const sum = nodes.get(node) ?? { rows: 0, bytes: 0 };
      sum.rows += n;
      sum.bytes += Math.round((n / Math.max(1, table.rowCount)) * table.bytes);
      nodes.set(node, sum);
    }
  }
  return {
    tables: tables.map(({ name, rowCount, bytes, parts }) => ({ table: name, rows: rowCount, bytes, parts })),
    days: days.map(({ name, day, rowCount, bytes }) => ({ table: name, day, rows: rowCount, bytes })),
    nodes: [...nodes].map(([node, sum]) => ({ node, ...sum })).sort((a, b) => b.bytes - a.bytes),
  };
}

/** Lets the engine compare every part of a table with its checksums; the parts at fault. */
export async function damagedParts(store: Upkeep, table: string): Promise<{ part: string; message: string }[]> {
  const { rows } = await store.query<{ part_path: string; is_passed: number | boolean; message: string }>(
    `CHECK TABLE ${table} SETTINGS check_query_single_value_result = 0`,
    { timeoutMs: longestMs },
  );
  return rows
    .filter((row) => Number(row.is_passed) === 0)
    .map(({ part_path: part, message }) => ({ part: `${table}/${part}`, message }));
}

/** Partitions of more than one part, the smallest first, none so large that merging it would take the disk. */
export async function scatteredPartitions(
  store: Upkeep,
  maxBytes: number,
): Promise<{ table: string; day: string; parts: number }[]> {
  const { rows } = await store.query<{ name: string; day: string; parts: number }>(
    `SELECT table AS name, toString(partition) AS day, toUInt32(count()) AS parts ${partsOf} ` +
      'AND table IN {tables:Array(String)} GROUP BY name, day ' +
      'HAVING parts > 1 AND sum(bytes_on_disk) <= {maxBytes:UInt64} ORDER BY sum(bytes_on_disk)',
    { parameters: { tables: storedTables.map(({ name }) => name), maxBytes } },
  );
  return rows.map(({ name, day, parts }) => ({ table: name, day, parts }));
}

export const mergePartition = (store: Upkeep, table: string, day: string): Promise<void> =>
  store.maintain(`OPTIMIZE TABLE ${table} PARTITION '${day}' FINAL`);

/** Freezes every table: hard links, made in milliseconds. */
export async function freezeTables(store: Upkeep, engineFolder: string, name: string): Promise<FrozenTable[]> {
  const folders = await tableFolders(store);
  if (backedUpTables.some((table) => relative(engineFolder, folders.get(table) ?? '').startsWith('..'))) {
    throw new SextantError('SX_CONFLICT', 'telemetry is on the server that storage.url names', {
      nextStep: 'back that server up with its own means',
    });
  }
  for (const table of backedUpTables) await store.maintain(`ALTER TABLE ${table} FREEZE WITH NAME '${name}'`);
  return backedUpTables.map((table) => ({
    table,
    folder: join(engineFolder, 'shadow', name, relative(engineFolder, folders.get(table) ?? '')),
  }));
}

export async function unfreezeTables(store: Upkeep, name: string): Promise<void> {
  for (const table of backedUpTables) await store.maintain(`ALTER TABLE ${table} UNFREEZE WITH NAME '${name}'`);
}

/** Where the engine keeps each table. */
export async function tableFolders(store: Upkeep): Promise<Map<string, string>> {
  const { rows } = await store.query<{ name: string; path: string }>(
    'SELECT name, data_paths[1] AS path FROM system.tables WHERE database = currentDatabase()',
  );
  return new Map(rows.map(({ name, path }) => [name, path]));
}

export const attachPart = (store: Upkeep, table: string, part: string): Promise<void> =>
  store.maintain(`ALTER TABLE ${table} ATTACH PART '${part}'`);
