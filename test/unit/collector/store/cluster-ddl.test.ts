import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyOutline } from '../../../../collector/store/outline.ts';
import { clusterQuestion, clusterStatements } from '../../../../collector/store/server/cluster-ddl.ts';
import { uploadCheck, uploadInsert } from '../../../../collector/store/server/upload.ts';
import { listSql, readSql } from '../../../../collector/store/sql-files.ts';
import { telemetryTables } from '../../../../collector/store/tables.ts';
import { openStore } from './open-store.ts';

let site: Awaited<ReturnType<typeof openStore>>;
beforeAll(async () => {
  site = await openStore();
});
afterAll(() => site.close());

const cluster = { name: 'site', database: 'sextant' };

/** The statement as the engine's own parser understands it. */
async function parsed(sql: string): Promise<string> {
  const { rows } = await site.store.query<{ text: string }>('SELECT formatQuerySingleLine({sql:String}) AS text', {
    parameters: { sql },
  });
  return rows[0]?.text ?? '';
}

const files = (['tables', 'functions'] as const).flatMap((kind) => listSql(kind).map((name) => ({ kind, name })));

test('every table and function on a cluster, as the engine’s parser reads it', async () => {
  const read: string[] = [];
  for (const { kind, name } of files) {
    for (const statement of clusterStatements(readSql(`${kind}/${name}.sql`), cluster)) {
      read.push((await parsed(statement)).replace(/ AS \(?\w+(, \w+)*\)? -> .*$/, ' AS …'));
    }
  }
  await expect(`${read.join('\n')}\n`).toMatchFileSnapshot('cluster-ddl.golden.sql');
});

test.each(listSql('tables'))('%s: local rows are replicated, the name is the table over them', async (name) => {
  const [local, over] = await Promise.all(clusterStatements(readSql(`tables/${name}.sql`), cluster).map(parsed));
  expect(local).toMatch(new RegExp(`^CREATE TABLE IF NOT EXISTS ${name}_local ON CLUSTER \`?site\`? \\(`));
  expect(local).toMatch(/ENGINE = Replicated\w*MergeTree/);
  expect(local).toContain('fsync_after_insert = 1');
  expect(over).toMatch(new RegExp(`^CREATE TABLE IF NOT EXISTS ${name} ON CLUSTER \`?site\`? AS ${name}_local`));
  expect(over).toMatch(/ENGINE = Distributed\('site', 'sextant', '\w+_local', \w+\)/);
});

test('a journal file lies on one shard as a whole', () => {
  for (const { name } of telemetryTables) {
    expect(clusterStatements(readSql(`tables/${name}.sql`), cluster)[1]).toMatch(/_local', JournalFile\)$/);
  }
});

test('changes to tables reach the local ones everywhere, columns also the tables over them', async () => {
  const dropped = clusterStatements("ALTER TABLE otel_logs DROP PARTITION '2026-01-01'", cluster);
  expect(await Promise.all(dropped.map(parsed))).toEqual([
    "ALTER TABLE otel_logs_local ON CLUSTER site (DROP PARTITION '2026-01-01')",
  ]);
  const added = clusterStatements('-- why\nALTER TABLE otel_logs ADD COLUMN IF NOT EXISTS Extra String', cluster);
  expect(await Promise.all(added.map(parsed))).toEqual([
    'ALTER TABLE otel_logs_local ON CLUSTER site (ADD COLUMN IF NOT EXISTS `Extra` String)',
    'ALTER TABLE otel_logs ON CLUSTER site (ADD COLUMN IF NOT EXISTS `Extra` String)',
  ]);
});

test('a statement that nobody thought of for a cluster is not sent', () => {
  expect(() => clusterStatements('CREATE MATERIALIZED VIEW x AS SELECT 1', cluster)).toThrow(/BUG/);
  expect(() => clusterStatements('CREATE TABLE IF NOT EXISTS other\n(a UInt8)\nENGINE = Memory', cluster)).toThrow(
    /BUG/,
  );
});

test('bytes and days are asked of one replica of every shard, under the names that people know', async () => {
  const sql = clusterQuestion('SELECT table, sum(bytes_on_disk) AS bytes FROM system.parts GROUP BY table', cluster);
  expect(await parsed(sql)).toContain("cluster('site', system.parts)");
});

test.each(telemetryTables)('$name: the statements that take a file as their body are well-formed', async (table) => {
  const bits = [false, true];
  for (const reading of bits.flatMap((nested) => bits.map((recordAttributes) => ({ nested, recordAttributes })))) {
    const uploads = [true, false].flatMap((again) =>
      [true, false].map((replicated) => uploadInsert(table, { token: 'file', again, reading, replicated })),
    );
    for (const { query } of [...uploads, uploadCheck(table, reading)]) {
      const text = await parsed(query);
      expect(text).toMatch(/^INSERT INTO .* FROM input\('.*FORMAT Protobuf$/);
    }
  }
});

test('on a cluster a file that is given again goes under its own token, on one server under another', () => {
  const [table] = telemetryTables;
  if (!table) throw new Error('no table');
  const token = (again: boolean, replicated: boolean): unknown =>
    uploadInsert(table, { token: 'file', again, reading: emptyOutline, replicated }).settings
      .insert_deduplication_token;
  expect([token(false, false), token(false, true), token(true, true)]).toEqual(['file', 'file', 'file']);
  expect(token(true, false)).toMatch(/^file#.{36}$/);
});
