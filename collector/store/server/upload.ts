import {
  type EngineSettings,
  onlyMissingDays,
  readInsert,
  readSettings,
  selectOf,
  writeSettings,
} from '../journal-insert.ts';
import { journalStructure } from '../journal-structure.ts';
import { emptyOutline, type Reading } from '../outline.ts';
import { quote } from '../sql-files.ts';
import type { TelemetryTable } from '../tables.ts';

/** A statement that takes a journal file's bytes as the body of its request. */
export interface Upload {
  query: string;
  settings: EngineSettings;
}

/**
 * The statements of journal-insert.ts for a server, which cannot reach the collector's disk. The settings go beside the
 * statement, not into it: `input()` is read by the format of the INSERT, whose settings those of the SELECT are not.
 */
const fromBody = (sql: string, table: TelemetryTable, reading: Reading): string => {
  const source = "file({path:String}, 'Protobuf', {structure:String})";
  if (!sql.includes(source)) throw new Error(`BUG: the insert of ${table.name} reads no journal file`);
  return sql.replace(source, () => `input(${quote(journalStructure(table.name, reading))})`);
};

/**
 * Stores a file. On a cluster (`replicated`) a file that was given before goes under the same token: a replica commits
 * token and rows in one step. On a single server the token may be there without the rows; see insertStatement.
 */
export function uploadInsert(
  table: TelemetryTable,
  { token, again, reading, replicated }: { token: string; again: boolean; reading: Reading; replicated: boolean },
): Upload {
  const retold = again && !replicated;
  const sql = fromBody(readInsert(table, reading), table, reading);
  return {
    query: `${sql}\n${retold ? onlyMissingDays(table) : ''}\nFORMAT Protobuf`,
    settings: {
      ...readSettings(table),
      ...writeSettings(retold ? `${token}#${crypto.randomUUID()}` : token),
      ...bodySettings,
      // A cluster's answer is to mean that the shard has the rows, not that they wait for it somewhere.
      ...(replicated && { distributed_foreground_insert: 1 }),
    },
  };
}

/** Reads a file, every column worked out, and stores nothing. `input()` is only there in an INSERT. */
export function uploadCheck(table: TelemetryTable, reading: Reading): Upload {
  const select = selectOf(fromBody(readInsert(table, reading), table, reading));
  return {
    query: `INSERT INTO FUNCTION null('ignored UInt64')\nSELECT sum(ignore(*)) FROM (${select}\n)\nFORMAT Protobuf`,
    settings: { ...readSettings(table), ...bodySettings },
  };
}

/** `async_insert` is on by default in 26.7: what it has accepted is not yet stored. */
const bodySettings: EngineSettings = { async_insert: 0, input_format_parallel_parsing: 0, wait_end_of_query: 1 };

/** Settings that the statements above need a server to have. */
export const neededSettings: readonly string[] = Object.keys({
  ...uploadInsert(
    { name: 'otel_logs', signal: 'logs', timeColumn: 'Timestamp' },
    { token: '', again: false, reading: emptyOutline, replicated: true },
  ).settings,
  output_format_json_quote_64bit_integers: 0,
  cancel_http_readonly_queries_on_client_close: 1,
}).filter((name) => name !== 'wait_end_of_query');
