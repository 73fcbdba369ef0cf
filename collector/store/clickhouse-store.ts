import type { ClickHouseClient } from '@clickhouse/client';
import type { Settings } from '../../config/settings.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Log } from '../../logging/log.ts';
import { createEmbeddedEngine } from './embedded-engine.ts';
import type { Engine, FileForTable } from './engine.ts';
import { migrate } from './migrations.ts';
import { unknownOutline } from './outline.ts';
import { createReaders, type Readers } from './readers.ts';
import { createRetention, type DroppedDay, type Retention } from './retention.ts';
import { createRollups, type Rollups } from './rollups.ts';
import { createPatientStore } from './server/patient-store.ts';
import { createServerEngine } from './server/server-engine.ts';
import { readTarget } from './server/target.ts';
import type { JournalFile, QueryOptions, QueryResult, Store } from './store.ts';
import { type TelemetryTable, tablesFor } from './tables.ts';

interface StoreCapabilities {
  /** Folder of the embedded engine; one for a process. */
  folder: string;
  log: Log;
  settings: Settings;
  nowMs?: () => number;
  freeBytes?: () => Promise<number>;
  /** Told how long each query took, the wait for a connection included. */
  onQueried?: (seconds: number, failed: boolean) => void;
  /** Told of everything that retention drops. */
  onDropped?: (dropped: DroppedDay) => void;
  /** For evidence: nothing is dropped for its age and nothing is rolled up. */
  asItIs?: boolean;
}

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
 * Stored telemetry: in the engine of this process, or on the ClickHouse server that `storage.url` names. The store of a
 * server starts without it and takes journal files when it is there.
 * Throws SX_CONFIG_INVALID.
 */
export function createStore(capabilities: StoreCapabilities): Store {
  const target = readTarget(capabilities.settings);
  if (!target) return storeOn(createEmbeddedEngine(capabilities.folder), capabilities);
  return createPatientStore(storeOn(createServerEngine(target), capabilities), capabilities.log);
}

/** Several connections: a search over the connection of the inserts would wait behind them (2 s seen with large files). */
function storeOn(engine: Engine, capabilities: StoreCapabilities): Store {
  const { log, settings } = capabilities;
  let writer: ClickHouseClient | undefined;
  let readers: Readers | undefined;
  let keeper: ClickHouseClient | undefined;
  let overFiles: ClickHouseClient | undefined;
  let retention: Retention | undefined;
  let rollups: Rollups | undefined;
  /** Number of the last journal file of metrics whose insert has returned. */
  let storedMetrics = 0n;

  const opened = <T>(connection: T | undefined): T => {
    if (!connection) throw new Error('BUG: the store is not open');
    return connection;
  };
  /** On a connection of its own: it has to do for seconds, and nobody is to wait behind that. */
  const openOverFiles = (): ClickHouseClient => {
    opened(writer);
    overFiles ??= engine.openLocal();
    return overFiles;
  };
  const run = async (
    client: ClickHouseClient | undefined,
    sql: string,
    parameters?: Record<string, unknown>,
  ): Promise<void> => {
    try {
      for (const statement of engine.statements(sql)) {
        await opened(client).command({ query: statement, ...(parameters && { query_params: parameters }) });
      }
    } catch (cause) {
      throw shortened(engine.failure(cause));
    }
  };
  const command = (sql: string, parameters?: Record<string, unknown>) => run(writer, sql, parameters);
  /** On a connection of its own: neither an insert nor a reader waits behind it. */
  const keep = (sql: string, parameters?: Record<string, unknown>) => run(keeper, sql, parameters);
  const rowsOn = async <Row>(
    client: ClickHouseClient | undefined,
    sql: string,
    parameters?: Record<string, unknown>,
  ): Promise<Row[]> => {
    try {
      const answer = await opened(client).query({
        query: engine.question(sql),
        format: 'JSONEachRow',
        ...(parameters && { query_params: parameters }),
      });
      return await answer.json<Row>();
    } catch (cause) {
      throw engine.failure(cause);
    }
  };
  const keeperRows = <Row>(sql: string, parameters?: Record<string, unknown>) => rowsOn<Row>(keeper, sql, parameters);
  /** Gives a journal file to every table that its content goes into. */
  const eachTable = async (
    file: JournalFile,
    give: (client: ClickHouseClient, table: TelemetryTable, file: FileForTable) => Promise<void>,
  ): Promise<void> => {
    const { path, name } = file;
    const outline = outlineOf(file);
    for (const table of tablesFor(file.signal, outline)) {
      try {
        await give(opened(writer), table, { path, name, number: fileNumber(name), reading: outline });
      } catch (cause) {
        throw shortened(engine.failure(cause));
      }
    }
  };

  /** Throws when storage has not as many rows of a file as the file has records. */
  async function demandRows(file: JournalFile): Promise<void> {
    if (file.records === undefined) return;
    const ofTables = tablesFor(file.signal, outlineOf(file)).map(
      ({ name }) => `SELECT count() AS rows FROM ${name} WHERE JournalFile = {number:UInt64}`,
    );
    const [answer] = await rowsOn<{ rows: number | string }>(
      writer,
      `SELECT sum(rows) AS rows FROM (${ofTables.length === 0 ? 'SELECT 0 AS rows' : ofTables.join(' UNION ALL ')})`,
      { number: fileNumber(file.name).toString() },
    );
    const rows = Number(answer?.rows);
    if (rows === file.records) return;
    throw new Error(`storage answered that it has ${file.name}, but it holds ${rows} of its ${file.records} records`);
  }

  async function query<Row>(sql: string, options: QueryOptions = {}): Promise<QueryResult<Row>> {
    const abort = abortOn(options);
    const startedAt = performance.now();
    const reader = await opened(readers).take(abort.abort_signal);
    let failed = true;
    try {
      const answer = await reader.client.query({
        query: sql,
        format: 'JSON',
        clickhouse_settings: engine.querySettings(options.timeoutMs),
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
    } catch (cause) {
      throw engine.failure(cause, abort.abort_signal);
    } finally {
      reader.release(failed);
      capabilities.onQueried?.((performance.now() - startedAt) / 1000, failed);
    }
  }

  return {
    async start() {
      writer = engine.open();
      readers = createReaders(engine.open);
      keeper = engine.open();
      await engine.checkEngine(keeperRows);
      await migrate({ command, query: keeperRows });
      await engine.checkTables(keeperRows);
      if (capabilities.asItIs) return;
      const nowMs = capabilities.nowMs ?? Date.now;
      const upkeep = { command: keep, query: keeperRows, log, nowMs };
      retention = createRetention({
        ...upkeep,
        settings,
        ...(engine.onOwnDisk && capabilities.freeBytes && { freeBytes: capabilities.freeBytes }),
        ...(capabilities.onDropped && { onDropped: capabilities.onDropped }),
      });
      retention.start();
      rollups = createRollups({ ...upkeep, storedThrough: () => storedMetrics });
      rollups.start();
    },

    async close() {
      await Promise.all([retention?.close(), rollups?.close()]);
      await overFiles?.close();
      await keeper?.close();
      await readers?.close();
      await writer?.close();
      readers = writer = keeper = overFiles = undefined;
    },

    async insertJournalFile(file, { again = false } = {}) {
      await eachTable(file, (client, table, given) => engine.insert(client, table, given, again));
      if (!engine.isBelieved) await demandRows(file);
      retention?.grew(file.bytes ?? 0);
      const number = fileNumber(file.name);
      if (file.signal === 'metrics' && number > storedMetrics) storedMetrics = number;
    },

    maintain: async (sql) => {
      for (const statement of engine.statements(sql)) await keep(statement);
    },
    isFull: (waitingBytes) => retention?.isFull(waitingBytes) ?? false,

    async rollUp() {
      await rollups?.rollUp();
    },

    local: {
      async command(sql, parameters) {
        await openOverFiles().command({ query: sql, query_params: parameters });
      },
      async rows(sql, parameters) {
        const answer = await openOverFiles().query({ query: sql, format: 'JSONEachRow', query_params: parameters });
        return answer.json();
      },
    },

    checkJournalFile: (file) => eachTable(file, engine.check),

    query,

    async *stream<Row>(sql: string, options: QueryOptions = {}) {
      const abort = abortOn(options);
      const reader = await opened(readers).take(abort.abort_signal);
      let failed = true;
      try {
        const answer = await reader.client.query({
          query: sql,
          format: 'JSONEachRow',
          clickhouse_settings: engine.querySettings(options.timeoutMs),
          ...(options.parameters && { query_params: options.parameters }),
          ...abort,
        });
        for await (const chunk of answer.stream<Row>()) {
          for (const row of chunk) yield row.json() as Row;
        }
        failed = false;
      } catch (cause) {
        throw engine.failure(cause, abort.abort_signal);
      } finally {
        reader.release(failed);
      }
    },
  };
}

const outlineOf = (file: JournalFile) => file.outline ?? unknownOutline;

/** The engine repeats the statement in its errors; a statement on journal files is kilobytes. */
function shortened(cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof SextantError || cause.message.length <= longestMessage)
    return cause;
  return new Error(`${cause.message.slice(0, longestMessage)}…`);
}
const longestMessage = 400;

function abortOn(options: QueryOptions): { abort_signal?: AbortSignal } {
  const signals: AbortSignal[] = [];
  if (options.signal) signals.push(options.signal);
  if (options.timeoutMs !== undefined) signals.push(AbortSignal.timeout(options.timeoutMs));
  return signals.length === 0 ? {} : { abort_signal: AbortSignal.any(signals) };
}
