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
  /**
   * Drops what is past its age, as many partitions as storage is above its cap for, and one if free space is below its
   * floor.
   */
  enforce(): Promise<{ dropped: DroppedDay[] }>;
  /** Told of what was stored, in bytes of its journal file. May bring the next look forward. */
  grew(bytes: number): void;
  /** Whether storage is above its cap, or may come to be with what waits for it, when all has gone that may. */
  isFull(waitingBytes: number): boolean;
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
/** The cap is looked at again when it may have been reached, however fast that was; but not more often than this. */
const soonestMs = 500;
/**
 * Bytes on disk for a byte of a journal file at most. Telemetry takes a seventh (a log record of 624 B takes 87); words of
 * 8 kB of noise took three times their bytes, most of it in the text index (`collector-storage-cap`, 2026-11-28). Counting
 * the worst costs little: what waits is a matter of seconds, and each look tells anew how much it has come to.
 */
const mostStoredPerByte = 4;
/** Free space, and whether a look is due, are watched more often than partitions: that costs one call of the system. */
const watchEveryMs = 1000;
const dayMs = 86_400_000;

const bytesOf = (partitions: Partition[]): number => partitions.reduce((sum, { bytes }) => sum + bytes, 0);

/** Whole partitions go at once: a partition is a folder, dropping it costs next to nothing and frees its space. */
export function createRetention(capabilities: RetentionCapabilities): Retention {
  const { command, query, log, settings, nowMs, freeBytes } = capabilities;
  let timer: NodeJS.Timeout | undefined;
  let watchTimer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let closed = false;
  let looking = false;
  let full = false;
  /** What was stored at the last look. */
  let storedBytes = 0;
  /** Of that, what may not go. */
  let heldBytes = 0;
  /** Bytes of the journal files that came since. */
  let sinceBytes = 0;
  /** Bytes that were last told to wait for storage. */
  let waitingBytes = 0;
  let lookedMs = Number.NEGATIVE_INFINITY;

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
      bytes: bytesOf(some),
      why,
    };
    log.info(dropped, 'dropped a day of stored telemetry');
    capabilities.onDropped?.(dropped);
    return dropped;
  }

  const endMs = ({ table, day }: Partition): number => Date.parse(day) + table.partitionDays * dayMs;
  const mayGo = (partition: Partition): boolean => endMs(partition) <= nowMs();
  const isPast = (partition: Partition): boolean => {
    const keptFrom = nowMs() - settings[`collector.retention.${partition.table.class}`];
    return endMs(partition) <= Math.floor(keptFrom / dayMs) * dayMs;
  };

  const cap = settings['collector.storage.maxBytes'];
  const floor = settings['collector.storage.minFreeBytes'];
  const isShort = async (): Promise<boolean> => freeBytes !== undefined && (await freeBytes()) < floor;

  async function whyMustGo(bytes: number): Promise<'cap' | 'space' | null> {
    if (cap > 0 && bytes > cap) return 'cap';
    return (await isShort()) ? 'space' : null;
  }

  async function enforce(): Promise<{ dropped: DroppedDay[] }> {
    sinceBytes = 0;
    lookedMs = performance.now();
    const all = await partitions();
    const past = Map.groupBy(all.filter(isPast), ({ table, day }) => `${table.class}/${day}`);
    const dropped: DroppedDay[] = [];
    for (const some of past.values()) dropped.push(await drop(some, 'age'));

    let kept = all.filter((partition) => !isPast(partition));
    for (;;) {
      storedBytes = bytesOf(kept);
      const why = await whyMustGo(storedBytes);
      const next = why === null ? [] : oldestOfLargestClass(kept, mayGo);
      heldBytes = bytesOf(kept.filter((partition) => !mayGo(partition)));
      full = why === 'cap' && next.length === 0;
      if (why === null || next.length === 0) return { dropped };
      dropped.push(await drop(next, why));
      kept = kept.filter((partition) => !next.includes(partition));
      // The space of a dropped day may take a moment to come free, and no more than needed should go.
      if (why === 'space') return { dropped };
    }
  }

  const turn = (): void => {
    if (looking || closed) return;
    looking = true;
    clearTimeout(timer);
    let pauseMs = everyMs;
    running = enforce()
      .then(({ dropped }) => {
        if (full || dropped.some(({ why }) => why !== 'age')) pauseMs = everyMsUnderPressure;
      })
      .catch((error) => log.warn({ err: error }, 'retention could not finish; it tries again'))
      .finally(() => {
        looking = false;
        if (!closed) timer = setTimeout(turn, pauseMs).unref();
      });
  };

  /** What came may have reached the cap, with what waits; a look tells what it has truly come to. */
  const lookIfDue = (): void => {
    if (cap === 0 || full || sinceBytes === 0 || performance.now() - lookedMs < soonestMs) return;
    if (storedBytes + mostStoredPerByte * (sinceBytes + waitingBytes) > cap) turn();
  };

  const watch = (): void => {
    lookIfDue();
    if (performance.now() - lookedMs < everyMsUnderPressure) return;
    isShort().then(
      (short) => short && turn(),
      (error) => log.debug({ err: error }, 'free space cannot be told'),
    );
  };

  return {
    start() {
      turn();
      watchTimer = setInterval(watch, watchEveryMs).unref();
    },
    grew(bytes) {
      sinceBytes += bytes;
      lookIfDue();
    },
    async close() {
      closed = true;
      clearInterval(watchTimer);
      clearTimeout(timer);
      await running;
      clearTimeout(timer);
    },
    enforce,
    isFull(waiting) {
      waitingBytes = waiting;
      lookIfDue();
      return cap > 0 && (full || heldBytes + mostStoredPerByte * (sinceBytes + waiting) > cap);
    },
  };
}

/**
 * What goes first when something must: of the class that holds the most bytes, the oldest partition. What is still
 * being written stays whatever happens: an outage is when its telemetry is needed most.
 */
function oldestOfLargestClass(partitions: Partition[], mayGo: (partition: Partition) => boolean): Partition[] {
  const classes = [...Map.groupBy(partitions, ({ table }) => table.class).values()]
    .map((some) => ({ bytes: bytesOf(some), free: some.filter(mayGo) }))
    .filter(({ free }) => free.length > 0)
    .sort((a, b) => b.bytes - a.bytes);
  const free = classes[0]?.free ?? [];
  const oldest = free.map(({ day }) => day).sort()[0];
  return free.filter(({ day }) => day === oldest);
}
