import { mkdirSync } from 'node:fs';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';
import type { Settings } from '../../config/settings.ts';
import type { Log } from '../../logging/log.ts';
import { checkStatement, insertStatement, journalParameters } from './journal-insert.ts';
import { migrate } from './migrations.ts';
import { unknownOutline } from './outline.ts';
import { createReaders, type Readers } from './readers.ts';
import { createRetention, type DroppedDay, type Retention } from './retention.ts';
import { createRollups, type Rollups } from './rollups.ts';
import type { JournalFile, QueryOptions, QueryResult, Store } from './store.ts';
import { tablesFor } from './tables.ts';

interface StoreCapabilities {
  /** Folder of the embedded engine; one for a process. */
  folder: string;
  log: Log;
  settings: Settings;
  nowMs?: () => number;
  freeBytes?: () => Promise<number>;
  /** Told of everything that retention drops. */
  onDropped?: (dropped: DroppedDay) => void;
}

type ClientOptions = NonNullable<Parameters<typeof createClient>[0]>;

interface EngineAnswer<Row> {
  data: Row[];
  meta?: { name: string; type: string }[];
  statistics?: { rows_read: number; bytes_read: number };
}

const fileNumber = (name: string): bigint => {
  const digits = /-(\d{20})\.journal$/.exec(name)?.[1];
  if (digits === undefined) throw new Error(`BUG: not the name of a journal file: ${name}`);
  return BigInt(digits);
};

/**
 * Stored telemetry in the embedded engine. Several connections on one folder: a search over the connection of the
 * inserts would wait behind them (2 s seen with large files).
 */
export function createStore(capabilities: StoreCapabilities): Store {
  const { folder, log, settings } = capabilities;
  let writer: ClickHouseClient | undefined;
  let readers: Readers | undefined;
  let keeper: ClickHouseClient | undefined;
  let retention: Retention | undefined;
  let rollups: Rollups | undefined;
  /** Number of the last journal file of metrics whose insert has returned. */
  let storedMetrics = 0n;

  const open = (): ClickHouseClient =>
    // The two packages each carry their own copy of the connection's type.
    createClient({ connection: createChdbConnection({ path: folder }) } as unknown as ClientOptions);
  const opened = <T>(connection: T | undefined): T => {
    if (!connection) throw new Error('BUG: the store is not open');
    return connection;
  };
  const command = async (sql: string, parameters?: Record<string, unknown>): Promise<void> => {
    try {
      await opened(writer).command({ query: sql, ...(parameters && { query_params: parameters }) });
    } catch (cause) {
      throw shortened(cause);
    }
  };
  /** On a connection of its own: neither an insert nor a reader waits behind it. */
  const keep = async (sql: string, parameters?: Record<string, unknown>): Promise<void> => {
    await opened(keeper).command({ query: sql, ...(parameters && { query_params: parameters }) });
  };
  const keeperRows = async <Row>(sql: string, parameters?: Record<string, unknown>): Promise<Row[]> => {
    const answer = await opened(keeper).query({
      query: sql,
      format: 'JSONEachRow',
      ...(parameters && { query_params: parameters }),
    });
    return answer.json<Row>();
  };

  async function query<Row>(sql: string, options: QueryOptions = {}): Promise<QueryResult<Row>> {
    const abort = abortOn(options);
    const reader = await opened(readers).take(abort.abort_signal);
    let failed = true;
    try {
      const answer = await reader.client.query({
        query: sql,
        format: 'JSON',
        ...(options.parameters && { query_params: options.parameters }),
        ...abort,
      });
      const { data, meta, statistics } = (await answer.json()) as EngineAnswer<Row>;
      failed = false;
      return {
        rows: data,
        rowsRead: statistics?.rows_read ?? 0,
        bytesRead: statistics?.bytes_read ?? 0,
        ...(meta && { columns: meta }),
      };
    } finally {
      reader.release(failed);
    }
  }

  return {
    async start() {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writer = open();
      readers = createReaders(open);
      await migrate({ command, query: async <Row>(sql: string) => (await query<Row>(sql)).rows });
      keeper = open();
      const nowMs = capabilities.nowMs ?? Date.now;
      const upkeep = { command: keep, query: keeperRows, log, nowMs };
      retention = createRetention({
        ...upkeep,
        settings,
        ...(capabilities.freeBytes && { freeBytes: capabilities.freeBytes }),
        ...(capabilities.onDropped && { onDropped: capabilities.onDropped }),
      });
      retention.start();
      rollups = createRollups({ ...upkeep, storedThrough: () => storedMetrics });
      rollups.start();
    },

    async close() {
      await Promise.all([retention?.close(), rollups?.close()]);
      await keeper?.close();
      await readers?.close();
      await writer?.close();
      readers = writer = keeper = undefined;
    },

    async insertJournalFile(file, { again = false } = {}) {
      const number = fileNumber(file.name);
      const { nested } = outlineOf(file);
      for (const table of tablesFor(file.signal, outlineOf(file))) {
        const token = again ? `${file.name}#${crypto.randomUUID()}` : file.name;
        await command(
          insertStatement(table, { token, again, nested }),
          journalParameters(table, { path: file.path, number, nested }),
        );
      }
      if (file.signal === 'metrics' && number > storedMetrics) storedMetrics = number;
    },

    isFull: () => retention?.isFull() ?? false,

    async rollUp() {
      await rollups?.rollUp();
    },

    async checkJournalFile(file) {
      const number = fileNumber(file.name);
      const { nested } = outlineOf(file);
      for (const table of tablesFor(file.signal, outlineOf(file))) {
        await command(checkStatement(table, nested), journalParameters(table, { path: file.path, number, nested }));
      }
    },

    query,

    async *stream<Row>(sql: string, options: QueryOptions = {}) {
      const abort = abortOn(options);
      const reader = await opened(readers).take(abort.abort_signal);
      let failed = true;
      try {
        const answer = await reader.client.query({
          query: sql,
          format: 'JSONEachRow',
          ...(options.parameters && { query_params: options.parameters }),
          ...abort,
        });
        for await (const chunk of answer.stream<Row>()) {
          for (const row of chunk) yield row.json() as Row;
        }
        failed = false;
      } finally {
        reader.release(failed);
      }
    },
  };
}

const outlineOf = (file: JournalFile) => file.outline ?? unknownOutline;

/** The engine repeats the statement in its errors; a statement on journal files is kilobytes. */
function shortened(cause: unknown): unknown {
  if (!(cause instanceof Error) || cause.message.length <= longestMessage) return cause;
  return new Error(`${cause.message.slice(0, longestMessage)}…`);
}
const longestMessage = 400;

function abortOn(options: QueryOptions): { abort_signal?: AbortSignal } {
  const signals: AbortSignal[] = [];
  if (options.signal) signals.push(options.signal);
  if (options.timeoutMs !== undefined) signals.push(AbortSignal.timeout(options.timeoutMs));
  return signals.length === 0 ? {} : { abort_signal: AbortSignal.any(signals) };
}
