import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { logsRequest } from '../otlp-requests.ts';
import type { StoreSite } from './store-site.ts';

/** Questions, rows by the million, errors, patience: whichever way the engine is reached. */
export function askingContract(open: () => Promise<StoreSite>): void {
  let site: StoreSite;
  beforeAll(async () => {
    site = await open();
  });
  afterAll(() => site.close());

  test('parameters of every kind arrive as they were given', async () => {
    const parameters = {
      text: 'it\'s \\ a "tab"\t and\na line, ünïcödé',
      list: ["a'b", 'c,d', ''],
      numbers: [1, 2],
      large: '18446744073709551615',
      none: '',
    };
    const { rows, columns } = await site.store.query(
      'SELECT {text:String} AS text, {list:Array(String)} AS list, {numbers:Array(UInt32)} AS numbers, ' +
        'toString({large:UInt64}) AS large, {none:String} AS none',
      { parameters },
    );
    expect(rows).toEqual([parameters]);
    expect(columns?.map(({ type }) => type)).toEqual(['String', 'Array(String)', 'Array(UInt32)', 'String', 'String']);
  });

  test('64-bit numbers are numbers, times and maps are what they are', async () => {
    const { rows } = await site.store.query(
      "SELECT toUInt64(7) AS n, toDateTime64('2026-09-21 14:13:20.123456789', 9, 'UTC') AS t, map('k', 'v') AS m",
    );
    expect(rows).toEqual([{ n: 7, t: '2026-09-21 14:13:20.123456789', m: { k: 'v' } }]);
  });

  test('many rows come one by one', async () => {
    let count = 0;
    let sum = 0;
    for await (const row of site.store.stream<{ n: number }>('SELECT number AS n FROM numbers(200000)')) {
      count++;
      sum += row.n;
    }
    expect([count, sum]).toEqual([200_000, 19_999_900_000]);
  });

  test('a wrong statement rejects with the engine’s words, and the next one is answered', async () => {
    await expect(site.store.query('SELECT no_such_column FROM otel_logs')).rejects.toThrow(/no_such_column/);
    await expect(site.store.query('SELEKT 1')).rejects.toThrow(/Syntax error/i);
    await expect(site.store.stream('SELECT throwIf(1)')[Symbol.asyncIterator]().next()).rejects.toThrow(/throwIf/i);
    expect((await site.store.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  test('who waits no longer is told so, and others are answered meanwhile', async () => {
    const slow = 'SELECT sum(sipHash64(number)) FROM numbers(100000000000) SETTINGS max_execution_time = 2';
    const abort = new AbortController();
    const given = expect(site.store.query(slow, { signal: abort.signal })).rejects.toThrow();
    const late = expect(site.store.query(slow, { timeoutMs: 100 })).rejects.toThrow(/time|abort/i);
    expect((await site.store.query('SELECT 2 AS two')).rows).toEqual([{ two: 2 }]);
    abort.abort();
    await given;
    await late;
    expect((await site.store.query('SELECT 3 AS three')).rows).toEqual([{ three: 3 }]);
  });

  test('a file that the engine cannot read is refused by the check and by the insert, and leaves nothing', async () => {
    const good = site.writeFile('logs', [logsRequest([{ body: 'whole' }])]);
    const bad = site.writeFile('logs', [logsRequest([{ body: 'to be spoilt' }])]);
    writeFileSync(bad.path, Buffer.from([5, 255, 255, 255, 255, 255]));
    await site.store.checkJournalFile(good);
    await expect(site.store.checkJournalFile(bad)).rejects.toMatchObject({
      name: expect.not.stringMatching('Sextant'),
    });
    await expect(site.store.insertJournalFile(bad)).rejects.toMatchObject({
      name: expect.not.stringMatching('Sextant'),
    });
    await site.store.insertJournalFile(good);
    const { rows } = await site.store.query('SELECT Body FROM otel_logs');
    expect(rows).toEqual([{ Body: 'whole' }]);
  });
}
