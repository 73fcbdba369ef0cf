import type { Signal } from '../../protocol/headers.ts';

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
}

/** The only way to stored telemetry: `@clickhouse/client` over the embedded engine, one connection for inserts and one for queries. */
export interface Store {
  /** Opens the engine and applies the migrations. */
  start(): Promise<void>;
  close(): Promise<void>;
  /** Lets the engine read a closed journal file into its tables; exactly once per file name. Rejects when it cannot. */
  insertJournalFile(file: { path: string; name: string; signal: Signal }): Promise<void>;
  query<Row>(sql: string, options?: QueryOptions): Promise<QueryResult<Row>>;
  /** Rows one by one, for answers that may be large. */
  stream<Row>(sql: string, options?: QueryOptions): AsyncIterable<Row>;
}
