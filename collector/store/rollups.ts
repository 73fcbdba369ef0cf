import type { Log } from '../../logging/log.ts';
import { readSql } from './sql-files.ts';

export interface Rollups {
  start(): void;
  close(): Promise<void>;
  /** Brings the rollups up to the last journal file that is stored as a whole. */
  rollUp(): Promise<{ slots: number }>;
}

interface RollupCapabilities {
  command(sql: string, parameters?: Record<string, unknown>): Promise<void>;
  query<Row>(sql: string, parameters?: Record<string, unknown>): Promise<Row[]>;
  /** Number of the last journal file of metrics that is stored as a whole; files come in the order of their numbers. */
  storedThrough(): bigint;
  log: Log;
  nowMs(): number;
}

const slotSeconds = 300;
const hourSeconds = 3600;
const daySeconds = 86_400;
/** Samples that come later than this after their slot's end are added by the pass after the next one. */
const graceMs = 45_000;
/** After the slot's end: each slot is worked out once when it is full, and once with the minute that was in it before. */
const passAfterMs = 60_000;

/**
 * Works out slots of five minutes and of an hour for every series of gauges and sums.
 *
 * Not a materialized view: an insert that dies between its part and the view's would leave the two different, and the
 * replay, which leaves out what is there, would keep them so. Here every slot that a new journal file touches is worked
 * out again from all its raw rows.
 */
export function createRollups({ command, query, storedThrough, log, nowMs }: RollupCapabilities): Rollups {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let closed = false;

  async function rollUp(): Promise<{ slots: number }> {
    const [progress] = await query<{ through: string }>(
      'SELECT toString(max(Through)) AS through FROM rollup_progress',
    );
    const after = BigInt(progress?.through ?? '0');
    const through = storedThrough();
    if (through <= after) return { slots: 0 };
    const startedMs = nowMs();
    const range = { after: after.toString(), through: through.toString() };
    const dirty = await query<{ slot: number }>(readSql('rollups/dirty-slots.sql'), range);
    for (const slots of byDay(dirty.map(({ slot }) => Number(slot)))) {
      if (closed) return { slots: 0 };
      const bounds = { from: slots[0], until: (slots.at(-1) ?? 0) + slotSeconds, slots };
      for (const kind of ['gauge', 'sum']) await command(readSql(`rollups/${kind}-5m.sql`), bounds);
      const hours = [...new Set(slots.map((slot) => slot - (slot % hourSeconds)))];
      await command(readSql('rollups/hours.sql'), { from: hours[0], until: (hours.at(-1) ?? 0) + hourSeconds, hours });
    }
    const completeBefore = Math.floor((startedMs - graceMs) / 1000 / slotSeconds) * slotSeconds;
    await command('INSERT INTO rollup_progress SELECT {through:UInt64}, toDateTime({completeBefore:UInt32})', {
      through: through.toString(),
      completeBefore,
    });
    log.debug({ slots: dirty.length, tookMs: nowMs() - startedMs }, 'brought the rollups up to date');
    return { slots: dirty.length };
  }

  const plan = (): void => {
    const slotMs = slotSeconds * 1000;
    timer = setTimeout(turn, slotMs - ((nowMs() - passAfterMs) % slotMs)).unref();
  };
  const turn = (): void => {
    running = rollUp()
      .catch((error) => log.warn({ err: error }, 'the rollups could not be made; they are tried again'))
      .finally(() => {
        if (!closed) plan();
      });
  };

  return {
    start: plan,
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
    rollUp,
  };
}

/** Slots of one day at a time, so that a node which was away for a week costs no more memory than a day. */
function byDay(slots: number[]): number[][] {
  const days = Map.groupBy(slots, (slot) => Math.floor(slot / daySeconds));
  return [...days.values()];
}
