import { batchMessage, journalStructure } from './journal-structure.ts';
import type { Reading } from './outline.ts';
import { quote, readSql } from './sql-files.ts';
import type { TelemetryTable } from './tables.ts';

const schema = readSql('schema/otlp.proto');

/** The schema's text; every edition says the same in another text. */
export const journalSchema = (edition = 0): string => (edition === 0 ? schema : `${schema}\n// Edition ${edition}\n`);

/**
 * How the engine reads a journal file and what it makes of it.
 *
 * One thread and no bound on a block's bytes: the rows of a file become one block, and so one part for each day in it.
 * A part is there as a whole or not at all, which is what a replay after a crash rests on. One thread is also the
 * cheapest: 300 k records took 0.6 CPU-s with one, 1.3 with two (the file is one stream, a second thread only copies).
 */
export const readSettings = (table: TelemetryTable, edition?: number): EngineSettings => ({
  format_schema_source: 'string',
  format_schema: journalSchema(edition),
  format_schema_message_name: batchMessage[table.signal],
  input_format_protobuf_oneof_presence: 1,
  max_threads: 1,
});

export const writeSettings = (token: string): EngineSettings => ({
  insert_deduplication_token: token,
  max_insert_threads: 1,
  min_insert_block_size_rows: 1_000_000_000,
  min_insert_block_size_bytes: 0,
  max_partitions_per_insert_block: 0,
});

export type EngineSettings = Record<string, string | number>;

const clause = (settings: EngineSettings): string =>
  `SETTINGS ${Object.entries(settings)
    .map(([name, value]) => `${name} = ${typeof value === 'string' ? quote(value) : value}`)
    .join(', ')}`;

/** Parameters that the statements below take. */
export const journalParameters = (
  table: TelemetryTable,
  { path, number, reading }: { path: string; number: bigint; reading: Reading },
): Record<string, unknown> => ({ path, structure: journalStructure(table.name, reading), number: number.toString() });

/**
 * The text of the insert into one table. Without arrays and maps the flat functions do: a small file takes
 * the engine 88 ms with the full ones and 42 with the flat ones (2026-11-29, 2 cores).
 */
export function readInsert(table: TelemetryTable, { nested, recordAttributes }: Reading): string {
  const whole = readSql(`inserts/${table.name}.sql`);
  const text = recordAttributes ? whole : withoutRecordAttributes(whole);
  return nested ? text : text.replaceAll(/\bsextant_(text|attributes)\(/g, 'sextant_flat_$1(');
}

/** For files in which no ScopeLogs carries attributes of its records: senders of plain OTLP pay nothing for them. */
const withoutRecordAttributes = (insert: string): string =>
  insert
    .replaceAll(/^.* AS Record(Keys|Values),\n/gm, '')
    .replaceAll(/\barrayConcat\(Record(?:Keys|Values), (.*)\)/g, '$1');

/**
 * The statement that stores a journal file's rows for one table.
 *
 * `again`: for a file that was given before. The engine notes a deduplication token before the part gets its name; a
 * process killed between the two has the token and not the rows. So a replay uses another token and leaves out the
 * days that are there.
 */
export function insertStatement(
  table: TelemetryTable,
  { token, again, reading, edition }: { token: string; again: boolean; reading: Reading; edition?: number },
): string {
  const missing = again ? onlyMissingDays(table) : '';
  return `${readInsert(table, reading)}\n${missing}\n${clause({ ...readSettings(table, edition), ...writeSettings(token) })}`;
}

export const onlyMissingDays = (table: TelemetryTable): string =>
  `WHERE toDate(RowTime, 'UTC') NOT IN ` +
  `(SELECT toDate(${table.timeColumn}) FROM ${table.name} WHERE JournalFile = {number:UInt64})`;

/** The same reading, every column worked out, nothing stored. */
export function checkStatement(table: TelemetryTable, reading: Reading, edition?: number): string {
  return `${selectOf(readInsert(table, reading))}\nFORMAT Null\n${clause(readSettings(table, edition))}`;
}

export const selectOf = (insert: string): string => insert.slice(insert.indexOf('\nSELECT'));
