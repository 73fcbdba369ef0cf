import type { Signal } from '../../protocol/headers.ts';
import type { Outline } from './outline.ts';

export interface QueryOptions {
  /** Named, typed parameters of the SQL: `{from:DateTime64(9)}`. Never build SQL from input. */
  parameters?: Record<string, unknown>;
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface QueryResult<Row> {
  rows: Row[];
  rowsRead: number;
  bytesRead: number;
  /** Names and types of the engine, in order. */
  columns?: { name: string; type: string }[];
}

export interface JournalFile {
  path: string;
  /** `<signal>-<20 digits>.journal`; the number is never used for another file. */
  name: string;
  signal: Signal;
  /** What is known of its content; absent when nothing is. */
  outline?: Outline;
  /** Rows that it makes; undefined when nobody has counted. */
  records?: number | undefined;
  /** Its size; absent when nobody has looked. */
  bytes?: number;
}

/**
 * The engine of this process over files on this machine's disk, one statement after the other. What is stored is no part of
 * it: where that is on a server, this engine holds nothing.
 */
export interface LocalEngine {
  command(sql: string, parameters: Record<string, unknown>): Promise<void>;
  rows<Row>(sql: string, parameters: Record<string, unknown>): Promise<Row[]>;
}

/** The only way to stored telemetry: `@clickhouse/client` over the embedded engine, one connection for inserts and one for queries. */
export interface Store {
  /** Opens the engine and applies the migrations. */
  start(): Promise<void>;
  close(): Promise<void>;
  /**
   * Lets the engine read a closed journal file into its tables; returns when its rows are on disk. Rejects when it
   * cannot, or when a server holds another number of rows of this file afterwards than the file has records. `again` says that the file was given before, in this process or one that died: what is there already is
   * left out, so that every row is stored once.
   */
  insertJournalFile(file: JournalFile, options?: { again?: boolean }): Promise<void>;
  /** Lets the engine read a journal file without storing it. Rejects with the engine's words when it cannot. */
  checkJournalFile(file: JournalFile): Promise<void>;
  /** Runs a statement of upkeep, on a connection behind which neither inserts nor queries wait. */
  maintain(sql: string): Promise<void>;
  /**
   * Whether storage is above its byte cap, or may come to be when it has taken `waitingBytes` of journal files, although
   * all has gone that may: then nothing more may come.
   */
  isFull(waitingBytes: number): boolean;
  /** Brings the rollups up to what is stored; runs by itself once every five minutes. */
  rollUp(): Promise<void>;
  query<Row>(sql: string, options?: QueryOptions): Promise<QueryResult<Row>>;
  /** Rows one by one, for answers that may be large. */
  stream<Row>(sql: string, options?: QueryOptions): AsyncIterable<Row>;
  /** Opened when it is first used. */
  readonly local: LocalEngine;
}
