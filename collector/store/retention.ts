import type { Settings } from '../../config/settings.ts';
import type { Log } from '../../logging/log.ts';
import { type StoredClass, type StoredTable, storedTables } from './tables.ts';

/** One class's day (or week, of rollups) that went. */
export interface DroppedDay {
  class: StoredClass;
  /** First day of the partition. */
  day: string;
  tables: string[];
  rows: number;
  bytes: number;
  /** `age`: past its retention; `cap`: storage was above its byte cap; `space`: free space was below its floor. */
  why: 'age' | 'cap' | 'space';
}

export interface Retention {
  start(): void;
  close(): Promise<void>;
  /** Drops what is past its age, and one more partition if storage is above its cap or free space below its floor. */
  enforce(): Promise<{ dropped: DroppedDay[] }>;
  /** Whether storage is above its cap and nothing is left that may go. */
  isFull(): boolean;
}

interface RetentionCapabilities {
  command(sql: string): Promise<void>;
  query<Row>(sql: string, parameters: Record<string, unknown>): Promise<Row[]>;
  log: Log;
  settings: Settings;
  nowMs(): number;
  /** Absent: the floor is not watched. */
  freeBytes?(): Promise<number>;
  onDropped?(dropped: DroppedDay): void;
}

interface Partition {
  table: StoredTable;
  /** `2026-11-20`: the first day of the engine's partition. */
  day: string;
  rows: number;
  bytes: number;
}

const everyMs = 30_000;
/** While bytes must go, they may come faster than that. */
const everyMsUnderPressure = 2000;
const dayMs = 86_400_000;

/** Whole partitions go at once: a partition is a folder, dropping it costs next to nothing and frees its space. */
export function createRetention(capabilities: RetentionCapabilities): Retention {
  const { command, query, log, settings, nowMs, freeBytes } = capabilities;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let closed = false;
  let full = false;

  async function partitions(): Promise<Partition[]> {
    const rows = await query<{ name: string; day: string; rows: string; bytes: string }>(
      'SELECT table AS name, toString(partition) AS day, sum(rows) AS rows, sum(bytes_on_disk) AS bytes ' +
        'FROM system.parts WHERE active AND database = currentDatabase() AND table IN {tables:Array(String)} ' +
        'GROUP BY name, day ORDER BY day, name',
      { tables: storedTables.map((table) => table.name) },
    );
    return rows.flatMap((row) => {
      const table = storedTables.find(({ name }) => name === row.name);
      return table ? [{ table, day: row.day, rows: Number(row.rows), bytes: Number(row.bytes) }] : [];
    });
  }

  async function drop(some: Partition[], why: DroppedDay['why']): Promise<DroppedDay> {
    const [first] = some;
    if (!first) throw new Error('BUG: no partition to drop');
    for (const { table, day } of some) {
      if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new Error(`BUG: not a day: ${day}`);
      await command(`ALTER TABLE ${table.name} DROP PARTITION '${day}'`);
    }
    const dropped: DroppedDay = {
      class: first.table.class,
      day: first.day,
      tables: some.map(({ table }) => table.name),
      rows: some.reduce((sum, { rows }) => sum + rows, 0),
      bytes: some.reduce((sum, { bytes }) => sum + bytes, 0),
      why,
    };
    log.info(dropped, 'dropped a day of stored telemetry');
    capabilities.onDropped?.(dropped);
    return dropped;
  }

  const endMs = ({ table, day }: Partition): number => Date.parse(day) + table.partitionDays * dayMs;
  const isPast = (partition: Partition): boolean => {
    const keptFrom = nowMs() - settings[`collector.retention.${partition.table.class}`];
    return endMs(partition) <= Math.floor(keptFrom / dayMs) * dayMs;
  };

  async function whyMustGo(bytes: number): Promise<'cap' | 'space' | null> {
    const cap = settings['collector.storage.maxBytes'];
    if (cap > 0 && bytes > cap) return 'cap';
    const floor = settings['collector.storage.minFreeBytes'];
    return freeBytes && (await freeBytes()) < floor ? 'space' : null;
  }

  async function enforce(): Promise<{ dropped: DroppedDay[] }> {
    const all = await partitions();
    const past = Map.groupBy(all.filter(isPast), ({ table, day }) => `${table.class}/${day}`);
    const dropped: DroppedDay[] = [];
    for (const some of past.values()) dropped.push(await drop(some, 'age'));

    const kept = all.filter((partition) => !isPast(partition));
    const why = await whyMustGo(kept.reduce((sum, { bytes }) => sum + bytes, 0));
    const next = why === null ? [] : oldestOfLargestClass(kept, (partition) => endMs(partition) <= nowMs());
    full = why === 'cap' && next.length === 0;
    // One a turn: the space of a dropped day may take a moment to come free, and no more than needed should go.
    if (why !== null && next.length > 0) dropped.push(await drop(next, why));
    return { dropped };
  }

  const turn = (): void => {
    let pauseMs = everyMs;
    running = enforce()
      .then(({ dropped }) => {
        if (full || dropped.some(({ why }) => why !== 'age')) pauseMs = everyMsUnderPressure;
      })
      .catch((error) => log.warn({ err: error }, 'retention could not finish; it tries again'))
      .finally(() => {
        if (!closed) timer = setTimeout(turn, pauseMs).unref();
      });
  };

  return {
    start: turn,
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
      clearTimeout(timer);
    },
    enforce,
    isFull: () => full,
  };
}

/**
 * What goes first when something must: of the class that holds the most bytes, the oldest partition. What is still
 * being written stays whatever happens: an outage is when its telemetry is needed most.
 */
function oldestOfLargestClass(partitions: Partition[], mayGo: (partition: Partition) => boolean): Partition[] {
  const classes = [...Map.groupBy(partitions, ({ table }) => table.class).values()]
    .map((some) => ({ bytes: some.reduce((sum, { bytes }) => sum + bytes, 0), free: some.filter(mayGo) }))
    .filter(({ free }) => free.length > 0)
    .sort((a, b) => b.bytes - a.bytes);
  const free = classes[0]?.free ?? [];
  const oldest = free.map(({ day }) => day).sort()[0];
  return free.filter(({ day }) => day === oldest);
}
