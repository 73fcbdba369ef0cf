import type { Settings } from '../../config/settings.ts';
import type { Log } from '../../logging/log.ts';
import { type TelemetryTable, telemetryTables } from './tables.ts';

export interface Retention {
  start(): void;
  close(): Promise<void>;
  /** Drops every day that is past its age, and the oldest day that is left if free space is below the floor. */
  enforce(): Promise<{ dropped: string[] }>;
}

interface RetentionCapabilities {
  command(sql: string): Promise<void>;
  query<Row>(sql: string, parameters: Record<string, unknown>): Promise<Row[]>;
  log: Log;
  settings: Settings;
  nowMs(): number;
  /** Absent: the floor is not watched. */
  freeBytes?(): Promise<number>;
}

interface Partition {
  table: string;
  /** `2026-11-20`; the engine's partition of that day. */
  day: string;
}

const everyMs = 30_000;

/** Whole days go at once: a day's partition is a folder, dropping it costs next to nothing and frees its space. */
export function createRetention(capabilities: RetentionCapabilities): Retention {
  const { command, query, log, settings, nowMs, freeBytes } = capabilities;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();

  const partitions = (): Promise<Partition[]> =>
    query<Partition>(
      'SELECT DISTINCT table, toString(partition) AS day FROM system.parts ' +
        'WHERE active AND database = currentDatabase() AND table IN {tables:Array(String)} ORDER BY day, table',
      { tables: telemetryTables.map((table) => table.name) },
    );
  const drop = async (partition: Partition, why: string): Promise<string> => {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(partition.day)) throw new Error(`BUG: not a day: ${partition.day}`);
    await command(`ALTER TABLE ${partition.table} DROP PARTITION '${partition.day}'`);
    log.info({ table: partition.table, day: partition.day, why }, 'dropped a day of stored telemetry');
    return `${partition.table}/${partition.day}`;
  };
  const oldestKeptDay = (table: TelemetryTable): string =>
    new Date(nowMs() - settings[`collector.retention.${table.signal}`]).toISOString().slice(0, 10);

  async function enforce(): Promise<{ dropped: string[] }> {
    const dropped: string[] = [];
    const keptFrom = new Map(telemetryTables.map((table) => [table.name, oldestKeptDay(table)]));
    let left: Partition[] = [];
    for (const partition of await partitions()) {
      if (partition.day < (keptFrom.get(partition.table) ?? '')) dropped.push(await drop(partition, 'age'));
      else left.push(partition);
    }
    // Today stays whatever happens: an outage is when its telemetry is needed most.
    const today = new Date(nowMs()).toISOString().slice(0, 10);
    left = left.filter((partition) => partition.day < today);
    const floor = settings['collector.storage.minFreeBytes'];
    // One day a turn: the space of a dropped day may take a moment to come free, and no more than needed should go.
    if (freeBytes && left.length > 0 && (await freeBytes()) < floor) {
      const oldest = left[0]?.day;
      for (const partition of left.filter(({ day }) => day === oldest)) dropped.push(await drop(partition, 'space'));
    }
    return { dropped };
  }

  return {
    start() {
      const turn = (): void => {
        running = enforce().catch((error) => log.warn({ err: error }, 'retention could not finish; it tries again'));
      };
      timer = setInterval(turn, everyMs).unref();
      turn();
    },
    async close() {
      clearInterval(timer);
      await running;
    },
    enforce,
  };
}
