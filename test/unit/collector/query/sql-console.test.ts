import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSqlConsole } from '../../../../collector/query/sql-console/sql-console.ts';
import { startEngine } from './engine.ts';

let engine: Awaited<ReturnType<typeof startEngine>>;
let port: number;
let called = 0;
/** What a statement could reach over the network. */
const outside = createServer((_request, response) => {
  called += 1;
  response.end('1\n');
});
const folder = mkdtempSync(join(tmpdir(), 'sextant-sql-'));
const secret = join(folder, 'secret.csv');
const written = join(folder, 'written.csv');

beforeAll(async () => {
  writeFileSync(secret, '1,the secret\n');
  engine = await startEngine();
  await engine.run(`
    INSERT INTO otel_logs (Timestamp, Body, Node, Epoch, Sequence, LogAttributes)
    SELECT toDateTime64('2026-11-20 11:30:00', 9, 'UTC') + INTERVAL number SECOND, concat('line ', toString(number)), 'n1', 'e', 1,
      map('k', toString(number % 3)) FROM numbers(50)`);
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
  port = (outside.address() as AddressInfo).port;
});
afterAll(async () => {
  outside.close();
  await engine.close();
});

const ask = (sql: string, over: object = {}) =>
  createSqlConsole(engine.store).ask({ sql, maxRows: 10, timeoutMs: 10_000, ...over });
const filled = (sql: string) =>
  sql.replaceAll('SECRET', secret).replaceAll('WRITTEN', written).replaceAll('PORT', String(port));

test.each([
  ['SELECT count() AS n FROM otel_logs', [{ n: 50 }]],
  [
    "select LogAttributes['k'] as k, countIf(Body like '%1%') as n from otel_logs group by k order by k limit 1",
    [{ k: '0', n: 4 }],
  ],
  [
    'WITH recent AS (SELECT * FROM otel_logs ORDER BY Timestamp DESC LIMIT 2) SELECT Body FROM recent ORDER BY Body;',
    [{ Body: 'line 48' }, { Body: 'line 49' }],
  ],
  [
    'SELECT a.x FROM (SELECT 1 AS x UNION ALL SELECT 2) AS a INNER JOIN numbers(2) AS b ON a.x = b.number -- a remark',
    [{ x: 1 }],
  ],
  [
    "SELECT 'it''s; \\\\ a\\ttab' AS t, quantilesMerge(0.5)(s)[1] AS q FROM (SELECT quantilesState(0.5)(number) AS s FROM numbers(3))",
    [{ t: "it's; \\ a\ttab", q: 1 }],
  ],
  ["SELECT name FROM system.columns WHERE table = 'otel_logs' ORDER BY position LIMIT 1", [{ name: 'Timestamp' }]],
  ["SELECT CASE k WHEN '1' THEN 'one' ELSE 'more' END AS c FROM (SELECT '1' AS k)", [{ c: 'one' }]],
  ['SELECT sum(number) OVER (ORDER BY number ROWS 1 PRECEDING) AS s FROM numbers(2) QUALIFY s > 0', [{ s: 1 }]],
])('answers %s', async (sql, rows) => {
  expect((await ask(sql)).rows).toEqual(rows);
});

test('names the columns and their types, and says when the limit left rows out', async () => {
  const answer = await ask('SELECT Node, Timestamp FROM otel_logs', { maxRows: 3 });
  expect(answer).toMatchObject({
    columns: [
      { name: 'Node', type: 'LowCardinality(String)' },
      { name: 'Timestamp', type: "DateTime64(9, 'UTC')" },
    ],
    complete: false,
  });
  expect(answer.rows).toHaveLength(3);
  expect((await ask('SELECT Node FROM otel_logs LIMIT 3', { maxRows: 3 })).complete).toBe(true);
});

const outsideTheStore = [
  "SELECT * FROM file('SECRET', 'CSV')",
  "SELECT file('SECRET')",
  "SELECT FILE('SECRET')",
  "SELECT `file`('SECRET')",
  "SELECT fi/**/le('SECRET')",
  "SELECT arrayMap(file, ['SECRET'])",
  "SELECT arrayMap(x -> file(x), ['SECRET'])",
  "SELECT * APPLY(file) FROM (SELECT 'SECRET' AS x)",
  "WITH (x -> file(x)) AS f SELECT f('SECRET')",
  "SELECT 1 ORDER BY file('SECRET')",
  "SELECT 1 LIMIT length(file('SECRET'))",
  "SELECT (SELECT file('SECRET'))",
  "SELECT 1 UNION ALL SELECT length(file('SECRET'))",
  "SELECT * REPLACE (file('SECRET') AS x) FROM (SELECT '' AS x)",
  'SELECT * FROM `SECRET`',
  "SELECT * FROM 'SECRET'",
  'SELECT 1 IN (`SECRET`)',
  "SELECT * FROM url('http://127.0.0.1:PORT/', 'CSV', 'a String')",
  "SELECT * FROM s3('http://127.0.0.1:PORT/bucket/key', 'CSV', 'a String')",
  "SELECT * FROM remote('127.0.0.1:PORT', 'system.one')",
  "SELECT * FROM remoteSecure('127.0.0.1:PORT', 'system.one')",
  "SELECT * FROM cluster('default', 'system.one')",
  "SELECT * FROM executable('x.sh', 'CSV', 'a String')",
  "SELECT * FROM mysql('127.0.0.1:PORT', 'd', 't', 'u', 'p')",
  "SELECT * FROM postgresql('127.0.0.1:PORT', 'd', 't', 'u', 'p')",
  "SELECT * FROM sqlite('SECRET', 't')",
  "SELECT * FROM filesystem('SECRET')",
  "SELECT * FROM merge('.*')",
  "SELECT * FROM merge('system', '.*')",
  "SELECT * FROM eval('SELECT 1')",
  "SELECT hasColumnInTable('127.0.0.1:PORT', 'default', 'otel_logs', 'Body')",
  "SELECT aiGenerate('x')",
  "SELECT dictGet('d', 'a', 1)",
  "SELECT joinGet('otel_logs', 'Body', 1)",
  // The engine's syntax tree does not show what is inside of OVER (…).
  "SELECT sum(number) OVER (ORDER BY number ROWS length(file('SECRET')) PRECEDING) FROM numbers(2)",
  "SELECT sum(number) OVER (ORDER BY number ROWS BETWEEN 1 PRECEDING AND length(file('SECRET')) FOLLOWING) FROM numbers(2)",
  "SELECT file('SECRET') AS f, count() OVER (PARTITION BY f) FROM numbers(2)",
  "SELECT count() OVER (PARTITION BY file('SECRET')) FROM numbers(2)",
  "SELECT count() OVER (ORDER BY file('SECRET') AS `a, function_name: plus`) FROM numbers(2)",
  "SELECT count() OVER (ORDER BY file('SECRET') AS `a\nb`) FROM numbers(2)",
  "SELECT count() OVER (ORDER BY arrayMap(file, ['SECRET'])) FROM numbers(2)",
  'SELECT count() OVER (PARTITION BY (SELECT count() FROM system.tables, system.processes)) FROM numbers(2)',
  'SELECT count() OVER (PARTITION BY (SELECT count() FROM `system`.`settings`)) FROM numbers(2)',
  'SELECT count() OVER (PARTITION BY 1 IN system.settings) FROM numbers(2)',
  "SELECT count() OVER (PARTITION BY (SELECT count() FROM url('http://127.0.0.1:PORT/', 'CSV', 'a String'))) FROM numbers(2)",
  'SELECT * FROM system.users',
  'SELECT * FROM system.processes',
  'SELECT * FROM system.settings',
  'SELECT * FROM system.server_settings',
  'SELECT * FROM system.named_collections',
  'SELECT * FROM system.disks',
  'SELECT * FROM information_schema.tables',
  'SELECT * FROM `system`.`users`',
  'SELECT 1 IN system.processes',
  "SELECT getServerSetting('path')",
  "SELECT getSetting('readonly')",
  'SELECT hostName(), currentUser()',
  'SELECT sleep(3)',
];
const writes = [
  "INSERT INTO otel_logs (Body) VALUES ('x')",
  "INSERT INTO otel_logs (Body) SELECT 'x'",
  "INSERT INTO FUNCTION file('WRITTEN', 'CSV', 'a String') SELECT 'x'",
  'ALTER TABLE otel_logs DELETE WHERE 1',
  'DELETE FROM otel_logs WHERE 1',
  'TRUNCATE TABLE otel_logs',
  'DROP TABLE otel_logs',
  'CREATE TABLE mine (a Int8) ENGINE = Memory',
  'CREATE TEMPORARY TABLE mine (a Int8)',
  'CREATE FUNCTION f AS x -> file(x)',
  'CREATE USER somebody',
  'GRANT ALL ON *.* TO default',
  'SYSTEM FLUSH LOGS',
  'KILL QUERY WHERE 1',
  'OPTIMIZE TABLE otel_logs FINAL',
  "BACKUP TABLE otel_logs TO File('WRITTEN')",
  'SET readonly = 0',
  'USE system',
  'SHOW TABLES',
  'EXPLAIN SELECT 1',
  "DESCRIBE TABLE file('SECRET')",
  "SELECT 1 INTO OUTFILE 'WRITTEN'",
  "(SELECT 1 INTO OUTFILE 'WRITTEN')",
  'SELECT 1 FORMAT CSV',
  'SELECT 1 SETTINGS readonly = 0',
  'SELECT * FROM (SELECT 1 SETTINGS max_memory_usage = 0)',
  'SELECT 1; DROP TABLE otel_logs',
  'SELECT 1; SELECT 2',
  'SELECT 1) ; DROP TABLE otel_logs; --',
  'SELECT 1) UNION ALL (SELECT * FROM system.users',
  'EXPLAIN AST SELECT 1',
  '',
  'hello',
  'SELECT {x:String}',
];

test.each([...outsideTheStore, ...writes])('refuses %s', async (sql) => {
  const error = await ask(filled(sql)).then(
    (answer) => ({ code: 'answered', message: JSON.stringify(answer) }),
    (refusal) => refusal,
  );
  expect(['SX_SQL_REFUSED', 'SX_BAD_REQUEST']).toContain(error.code);
  expect(error.message).not.toContain('the secret');
});

test('what was refused has neither written nor called nor changed anything', async () => {
  expect(called).toBe(0);
  expect(existsSync(written)).toBe(false);
  expect((await ask('SELECT count() AS n FROM otel_logs')).rows).toEqual([{ n: 50 }]);
});

test('the engine by itself refuses what reads from elsewhere and what writes, would the first lock fail', async () => {
  const bare = (sql: string) => engine.store.query(`${filled(sql)}\nSETTINGS readonly = 1`);
  const tableFunctions = outsideTheStore.filter((sql) =>
    /FROM (file|url|s3|remote|executable|mysql|sqlite|filesystem)\(/.test(sql),
  );
  expect(tableFunctions.length).toBeGreaterThan(7);
  for (const sql of [...tableFunctions, "INSERT INTO otel_logs (Body) SELECT 'x'"]) {
    await expect(bare(sql), sql).rejects.toThrow(/readonly mode|Not enough privileges/);
  }
});

test('time, memory and size of the answer are bounded', async () => {
  const tooLarge = expect.objectContaining({ code: 'SX_QUERY_TOO_LARGE' });
  await expect(ask('SELECT sum(number) FROM numbers(1000000000000)', { timeoutMs: 1000 })).rejects.toEqual(tooLarge);
  await expect(ask('SELECT length(groupArray(number)) FROM numbers(1000000000)')).rejects.toEqual(tooLarge);
  await expect(ask("SELECT repeat('x', 1000000) FROM numbers(200)", { maxRows: 1000 })).rejects.toEqual(tooLarge);
});

test('one statement at a time', async () => {
  const console = createSqlConsole(engine.store);
  const request = { sql: 'SELECT sum(number) AS s FROM numbers(100000000)', maxRows: 1, timeoutMs: 10_000 };
  const first = console.ask(request);
  await expect(console.ask(request)).rejects.toMatchObject({ code: 'SX_TOO_OFTEN' });
  expect((await first).rows).toHaveLength(1);
  await console.ask({ ...request, sql: 'SELECT 1' });
});
