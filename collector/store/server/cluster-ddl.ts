/**
 * Column that says which shard a row of a table goes to.
 *
 * Telemetry: the journal file, so that a file lies on one shard as a whole and a replay finds its token there.
 * Rollups: the series, so that rows which replace each other meet.
 */
const shardKeys: readonly [table: RegExp, key: string][] = [
  [/^otel_/, 'JournalFile'],
  [/^metric_rollup_/, 'Series'],
  // Small tables of one row or a few: all on one shard.
  [/^(schema_version|rollup_progress)$/, '0'],
];

const shardKey = (table: string): string => {
  const found = shardKeys.find(([pattern]) => pattern.test(table));
  if (!found) throw new Error(`BUG: nobody said how ${table} is spread over a cluster`);
  return found[1];
};

/** A replica forgets tokens after this many inserts or seconds; a collector's backlog may be days old. */
const remembered = 'replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 2592000';

export interface Cluster {
  name: string;
  database: string;
}

/**
 * The statements that a statement of sql/ is on a cluster: rows lie in `NAME_local`, replicated on every shard, and
 * `NAME` is the Distributed table over them, which everything else asks. Functions are made on every server.
 */
export function clusterStatements(sql: string, cluster: Cluster): string[] {
  const on = `ON CLUSTER \`${cluster.name}\``;
  const statement = sql.replace(/^(\s*--.*\n)+/, '');

  const table = /^CREATE TABLE IF NOT EXISTS (\w+)\n/.exec(statement)?.[1];
  if (table !== undefined) {
    const local = statement
      .replace(`EXISTS ${table}\n`, `EXISTS ${table}_local ${on}\n`)
      .replace(/^ENGINE = (\w*MergeTree)/m, 'ENGINE = Replicated$1')
      .replace(/^SETTINGS\b/m, `SETTINGS ${remembered},`);
    if (!/ENGINE = Replicated[\s\S]*SETTINGS replicated/.test(local)) {
      throw new Error(`BUG: the table ${table} has no MergeTree engine with settings`);
    }
    const names = `'${cluster.name}', '${cluster.database}', '${table}_local'`;
    return [
      local,
      `CREATE TABLE IF NOT EXISTS ${table} ${on} AS ${table}_local\n` +
        `ENGINE = Distributed(${names}, ${shardKey(table)})`,
    ];
  }

  const created = /^CREATE OR REPLACE FUNCTION (\w+) AS/.exec(statement)?.[1];
  if (created !== undefined) return [statement.replace(`${created} AS`, `${created} ${on} AS`)];

  const altered = /^ALTER TABLE (\w+) (\w+ \w+)/.exec(statement);
  if (altered?.[1] !== undefined) {
    const rest = statement.slice(`ALTER TABLE ${altered[1]} `.length);
    const local = `ALTER TABLE ${altered[1]}_local ${on} ${rest}`;
    // A Distributed table has columns too, but no parts and no indexes.
    return /^\w+ COLUMN$/.test(altered[2] ?? '') ? [local, `ALTER TABLE ${altered[1]} ${on} ${rest}`] : [local];
  }

  if (/^(INSERT INTO|SELECT)\b/.test(statement)) return [statement];
  throw new Error(`BUG: nobody said what this is on a cluster: ${statement.slice(0, 80)}`);
}

/** A question about system.parts asks one replica of every shard; local tables count under the name people know. */
export const clusterQuestion = (sql: string, cluster: Cluster): string =>
  sql.replace(
    /\bFROM system\.parts\b/g,
    // A function: in a replacement text the `$'` would be what follows the match.
    () =>
      "FROM (SELECT * REPLACE (replaceRegexpOne(table, '_local$', '') AS table) " +
      `FROM cluster('${cluster.name}', system.parts))`,
  );
