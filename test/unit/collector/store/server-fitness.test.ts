import { afterEach, expect, test } from 'vitest';
import { declaredTable } from '../../../../collector/store/server/declared-columns.ts';
import { listSql, readSql } from '../../../../collector/store/sql-files.ts';
import { openServedStore } from './open-served-store.ts';

/** Every store here is on the engine's one folder in turn: libchdb binds one for a process. */
let site: Awaited<ReturnType<typeof openServedStore>> | undefined;
afterEach(async () => {
  await site?.close();
  site = undefined;
});

const refusal = async (...options: Parameters<typeof openServedStore>): Promise<{ code: string; message: string }> => {
  try {
    site = await openServedStore(...options);
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('it started');
};

test('an older release is refused with both numbers', async () => {
  expect(await refusal({ version: '25.8.4.13' })).toMatchObject({
    code: 'SX_STORAGE_UNFIT',
    message: expect.stringContaining('is release 25.8.4.13; Sextant needs 26.7 or newer'),
    nextStep: expect.stringContaining('upgrade the server'),
  });
});

test('the first release that fits is taken', async () => {
  site = await openServedStore({ version: '26.7.0.1' });
  expect((await site.store.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});

// What is asked after the release is what refuses here.
test.each(['26.12.1.1', '27.1'])('release %s is new enough', async (version) => {
  expect(await refusal({ version }, { 'storage.cluster': 'elsewhere' })).toMatchObject({
    message: expect.stringContaining('knows no cluster elsewhere'),
  });
});

test('a server that lacks a setting or does not let it be changed is refused by its name', async () => {
  const without = {
    rewrite: (sql: string) =>
      sql.replace('FROM system.settings WHERE', "FROM system.settings WHERE name != 'async_insert' AND"),
  };
  expect(await refusal(without)).toMatchObject({
    code: 'SX_STORAGE_UNFIT',
    message: expect.stringContaining('knows no setting async_insert'),
  });
  const fixed = { rewrite: (sql: string) => sql.replace('toUInt8(readonly)', "toUInt8(name = 'async_insert')") };
  expect(await refusal(fixed)).toMatchObject({
    code: 'SX_STORAGE_UNFIT',
    message: expect.stringContaining('may not change the settings async_insert'),
  });
});

test('a cluster that the server does not know is refused before anything is created', async () => {
  expect(await refusal({}, { 'storage.cluster': 'elsewhere' })).toMatchObject({
    code: 'SX_STORAGE_UNFIT',
    message: expect.stringContaining('knows no cluster elsewhere'),
  });
});

test('tables of somebody else under our names are refused with what is wrong with them', async () => {
  const theirs = (sql: string): string =>
    !sql.includes('CREATE TABLE IF NOT EXISTS otel_logs')
      ? sql
      : 'CREATE TABLE IF NOT EXISTS otel_logs (Timestamp DateTime64(9), Body String, TraceFlags UInt32) ' +
        'ENGINE = MergeTree PARTITION BY toYYYYMM(Timestamp) ORDER BY Timestamp';
  const { code, message } = await refusal({ rewrite: theirs });
  expect(code).toBe('SX_STORAGE_UNFIT');
  expect(message).toContain('otel_logs is partitioned by toYYYYMM(Timestamp), not by toDate(Timestamp)');
  expect(message).toContain("otel_logs.Timestamp is DateTime64(9), not DateTime64(9, 'UTC')");
  expect(message).toContain('otel_logs has no column TraceId');
  expect(message).toMatch(/otel_logs has \d+ more faults/);
});

test('a wrong password at the start is waited for: an administrator can mend it', async () => {
  site = await openServedStore({ password: 'another' });
  await expect(site.store.query('SELECT 1')).rejects.toMatchObject({
    code: 'SX_STORAGE_AWAY',
    message: expect.stringContaining('Authentication failed'),
  });
});

test('what the files declare is what the engine makes of them', async () => {
  site = await openServedStore();
  for (const name of listSql('tables')) {
    const { rows } = await site.store.query<{ name: string; type: string }>(
      'SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {name:String}',
      { parameters: { name } },
    );
    expect(rows).toEqual(declaredTable(readSql(`tables/${name}.sql`)).columns);
  }
});

test('what goes to the server: statements in the URL well under its bound, the file as a body, nothing else', async () => {
  site = await openServedStore();
  const file = site.writeFile('metrics', [Buffer.alloc(0)]);
  await site.store.insertJournalFile(file);
  const uploads = site.front.seen.filter(({ bodyBytes }) => bodyBytes > 0);
  expect(uploads).toHaveLength(5);
  for (const { settings, urlBytes, queryId, packed } of uploads) {
    expect(packed).toBe(true);
    expect(settings).toMatchObject({ async_insert: '0', insert_deduplication_token: file.name });
    expect(queryId).toContain(file.name);
    expect(urlBytes).toBeLessThan(64 * 1024);
  }
});
