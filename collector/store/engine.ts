import type { ClickHouseClient } from '@clickhouse/client';
import type { EngineSettings } from './journal-insert.ts';
import type { Reading } from './outline.ts';
import type { TelemetryTable } from './tables.ts';

/** A journal file as an engine takes it for one table. */
export interface FileForTable {
  path: string;
  name: string;
  number: bigint;
  reading: Reading;
}

export type AskRows = <Row>(sql: string, parameters?: Record<string, unknown>) => Promise<Row[]>;

/** What runs the SQL: the engine in the process, or a ClickHouse server. The SQL is the same. */
export interface Engine {
  /** A connection of its own; the client asks only when it is used. */
  open(): ClickHouseClient;
  /** A connection to the engine in this process, for files on this machine's disk. */
  openLocal(): ClickHouseClient;
  insert(client: ClickHouseClient, table: TelemetryTable, file: FileForTable, again: boolean): Promise<void>;
  check(client: ClickHouseClient, table: TelemetryTable, file: FileForTable): Promise<void>;
  /** The statements that one statement on tables or functions is here: on a cluster more than one. */
  statements(sql: string): string[];
  /** A question about the engine's own tables (`system.…`) as it is asked here. */
  question(sql: string): string;
  /** Settings of a query, so that one which nobody waits for ends. */
  querySettings(timeoutMs: number | undefined): EngineSettings;
  /** What a caller is told of a failure; `signal` is what the caller could end it with. */
  failure(error: unknown, signal?: AbortSignal): unknown;
  /** Throws SX_STORAGE_UNFIT when this engine cannot hold the tables; asked before anything is created. */
  checkEngine(ask: AskRows): Promise<void>;
  /** Throws SX_STORAGE_UNFIT when the tables that are there are not ours. */
  checkTables(ask: AskRows): Promise<void>;
  /** Whether the tables lie on the disk of the data folder, so that dropping a day frees space there. */
  onOwnDisk: boolean;
  /**
   * Whether an insert that was answered well is believed. A server is asked how many rows it has: between its disk and
   * the journal lie a network, proxies and releases that nobody has tried.
   */
  isBelieved: boolean;
}
