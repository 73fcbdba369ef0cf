import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyOutline } from '../../../../../collector/store/outline.ts';
import { telemetryTables } from '../../../../../collector/store/tables.ts';
import type { Signal } from '../../../../../protocol/headers.ts';
import { fixed64, message } from '../wire.ts';
import type { StoreSite } from './store-site.ts';

/** A file that is given again is stored once, whichever way the engine is reached. */
export function againContract(open: () => Promise<StoreSite>, tables = telemetryTables): void {
  let site: StoreSite;
  beforeAll(async () => {
    site = await open();
  });
  afterAll(() => site.close());

  const day = 86_400_000_000_000n;
  const at = 1_790_000_000_000_000_000n;

  /** Three items, two of them on one day and one on the next, in every table of the signal. */
  function request(signal: Signal): Buffer {
    const times = [at, at + 1n, at + day];
    if (signal === 'logs') return message(1, message(2, ...times.map((time) => message(2, fixed64(1, time)))));
    if (signal === 'traces') return message(1, message(2, ...times.map((time) => message(2, fixed64(7, time)))));
    const points = times.map((time) => message(1, fixed64(3, time)));
    return message(1, message(2, ...[5, 7, 9, 10, 11].map((kind) => message(2, message(kind, ...points)))));
  }

  async function rowsPerDay(table: string, column: string): Promise<Record<string, number>> {
    const { rows } = await site.store.query<{ day: string; n: number }>(
      `SELECT toString(toDate(${column})) AS day, toUInt32(count()) AS n FROM ${table} GROUP BY day`,
    );
    return Object.fromEntries(rows.map(({ day: name, n }) => [name, n]));
  }

  test.each(tables)('$name: a file that is given again stores what is missing and nothing twice', async (table) => {
    const { name, signal, timeColumn } = table;
    const whole = { '2026-09-21': 2, '2026-09-22': 1 };
    await site.store.query(`TRUNCATE TABLE ${name}`).catch(() => {});
    const file = {
      ...site.writeFile(signal, [request(signal)]),
      outline: { ...emptyOutline, metricKinds: 1 << (table.metricField ?? 0) },
    };

    await site.store.insertJournalFile(file);
    expect(await rowsPerDay(name, timeColumn)).toEqual(whole);
    await site.store.insertJournalFile(file);
    await site.store.insertJournalFile(file, { again: true });
    expect(await rowsPerDay(name, timeColumn)).toEqual(whole);

    // As a kill between two parts leaves it: one day is there, the other is not, and both have left their token.
    await site.store.query(`ALTER TABLE ${name} DROP PARTITION '2026-09-22'`).catch(() => {});
    expect(await rowsPerDay(name, timeColumn)).toEqual({ '2026-09-21': 2 });
    await site.store.insertJournalFile(file, { again: true });
    expect(await rowsPerDay(name, timeColumn)).toEqual(whole);
  });
}
