import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { unknownOutline } from '../../../../collector/store/outline.ts';
import { createRetention } from '../../../../collector/store/retention.ts';
import { createLog } from '../../../../logging/log.ts';
import { patient } from '../../../patience.ts';
import { settingsWith } from '../journal/settings.ts';
import { mark, openStore } from './open-store.ts';
import { fixed64, message } from './wire.ts';

let site: Awaited<ReturnType<typeof openStore>>;
beforeAll(async () => {
  site = await openStore();
});
afterAll(() => site.close());

const dayMs = 86_400_000;
const nowMs = Number(mark.receivedUnixNano / 1_000_000n);
const daysAgo = (days: number): bigint => BigInt(nowMs - days * dayMs) * 1_000_000n;

const fill = async (days: number[]): Promise<void> => {
  const request = message(1, message(2, ...days.map((day) => message(2, fixed64(1, daysAgo(day))))));
  await site.store.insertJournalFile({ ...site.writeFile('logs', [request]), outline: unknownOutline });
};
const keptDays = async (): Promise<number[]> => {
  const { rows } = await site.store.query<{ day: string }>(
    'SELECT DISTINCT toString(toDate(Timestamp)) AS day FROM otel_logs ORDER BY day DESC',
  );
  return rows.map(({ day }) => Math.round((nowMs - Date.parse(day)) / dayMs - 0.5));
};
const fillTraces = async (days: number[]): Promise<void> => {
  const request = message(1, message(2, ...days.map((day) => message(2, fixed64(7, daysAgo(day))))));
  await site.store.insertJournalFile({ ...site.writeFile('traces', [request]), outline: unknownOutline });
};
const query = async <Row>(sql: string, parameters: Record<string, unknown>) =>
  (await site.store.query<Row>(sql, { parameters })).rows;
const capabilitiesWith = (settings: Parameters<typeof settingsWith>[0]) => ({
  // A statement without an answer: the JSON that is not there is what the query cannot read.
  command: async (sql: string) => void (await site.store.query(sql).catch(() => {})),
  query,
  log: createLog('test', 'silent'),
  settings: settingsWith(settings),
  nowMs: () => nowMs,
});
const retentionWith = (settings: Parameters<typeof settingsWith>[0], freeBytes?: () => Promise<number>) =>
  createRetention({ ...capabilitiesWith(settings), ...(freeBytes && { freeBytes }) });

test('drops whole days that are past their age, and then the oldest, one a turn, while space is short', async () => {
  await fill([0, 1, 2, 9, 10, 11, 40]);
  await retentionWith({ 'collector.retention.logs': 10 * dayMs }).enforce();
  expect(await keptDays()).toEqual([0, 1, 2, 9, 10]);

  const short = retentionWith({ 'collector.storage.minFreeBytes': 100 }, async () => 50);
  expect((await short.enforce()).dropped).toHaveLength(1);
  expect(await keptDays()).toEqual([0, 1, 2, 9]);
  expect((await short.enforce()).dropped).toHaveLength(1);
  expect(await keptDays()).toEqual([0, 1, 2]);
});

test('keeps today however short space is', async () => {
  const short = retentionWith({ 'collector.storage.minFreeBytes': 100 }, async () => 0);
  for (let turn = 0; turn < 5; turn++) await short.enforce();
  expect(await keptDays()).toEqual([0]);
});

test('above its byte cap the oldest day of the largest class goes, then nothing more may come', async () => {
  await fill([0, 0, 0, 0, 3, 5]);
  await fillTraces([6]);
  const capped = retentionWith({ 'collector.storage.maxBytes': 1 });
  const { dropped } = await capped.enforce();
  const fiveDaysAgo = new Date(nowMs - 5 * dayMs).toISOString().slice(0, 10);
  expect(dropped[0]).toMatchObject({ class: 'logs', day: fiveDaysAgo, rows: 1, why: 'cap' });
  // The largest class has only today left after its second; then the next gives what it can.
  expect(dropped.map((drop) => [drop.class, drop.why])).toEqual([
    ['logs', 'cap'],
    ['logs', 'cap'],
    ['traces', 'cap'],
  ]);
  expect(capped.isFull(0)).toBe(true);
  expect((await capped.enforce()).dropped).toEqual([]);
  expect(capped.isFull(0)).toBe(true);
  expect(await keptDays()).toEqual([0]);
});

test('looks again as soon as what came may have reached the cap, and no sooner', async () => {
  await fill([0, 4]);
  const { rows } = await site.store.query<{ bytes: string }>(
    "SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND startsWith(table, 'otel_')",
  );
  const cap = Number(rows[0]?.bytes) + 100;
  let looks = 0;
  const dropped: number[] = [];
  const capped = createRetention({
    ...capabilitiesWith({ 'collector.storage.maxBytes': cap }),
    query: async (sql, parameters) => {
      looks++;
      return query(sql, parameters);
    },
    onDropped: ({ day }) => dropped.push(Math.round((nowMs - Date.parse(day)) / dayMs - 0.5)),
  });
  onTestFinished(() => capped.close());
  capped.start();
  await vi.waitFor(() => expect(looks).toBe(1), patient);
  await fill([0, 0, 0, 0, 0, 0]);
  expect(looks).toBe(1);
  await vi.waitFor(() => {
    capped.grew(60);
    expect(dropped).toEqual([4]);
  }, patient);
  expect(await keptDays()).toEqual([0]);
});

test('what waits counts towards the cap, beside what may not go', async () => {
  await fill([0, 0, 0, 4, 4, 4]);
  const { rows } = await site.store.query<{ bytes: string }>(
    "SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND startsWith(table, 'otel_')",
  );
  const retention = retentionWith({ 'collector.storage.maxBytes': Number(rows[0]?.bytes) });
  await retention.enforce();
  expect(await keptDays()).toEqual([0, 4]);
  // The old day would make room for it, but not for that.
  expect([1, 1_000_000].map((waiting) => retention.isFull(waiting))).toEqual([false, true]);
});
