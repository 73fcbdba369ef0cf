import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlRoutes } from '../../../collector/api/sql-routes.ts';
import type { Audit } from '../../../collector/state/audit.ts';
import { localToken, startSite } from '../collector/api/site.ts';
import { startEngine } from '../collector/query/engine.ts';

const main = join(import.meta.dirname, '../../../cli/main.ts');
let engine: Awaited<ReturnType<typeof startEngine>>;

beforeAll(async () => {
  engine = await startEngine();
  await engine.run(`
    INSERT INTO otel_logs (Timestamp, Body, Node, Epoch, Sequence)
    SELECT now64(9), ['=1+1', 'say "hi", twice', 'plain'][1 + number], 'n1', 'e', 1 FROM numbers(3)`);
});
afterAll(() => engine.close());

/** A collector's API with its SQL, and the data folder that leads a command to it. */
async function site() {
  const sites: { audit?: Audit } = {};
  const audit: Audit = (...entry) => sites.audit?.(...entry);
  const plugin = async (app: FastifyInstance) => sqlRoutes({ store: engine.store, audit })(app, {});
  const started = await startSite({ plugins: [plugin] });
  sites.audit = started.audit.record;
  const folder = join(started.folder, 'collector');
  mkdirSync(folder);
  const url = `https://127.0.0.1:${started.port}`;
  const endpoint = { url, token: localToken, caFile: join(started.folder, 'ca', 'ca.crt'), pid: 1 };
  writeFileSync(join(folder, 'endpoint.json'), JSON.stringify(endpoint));
  return { ...started, ...endpoint };
}

function sextant(args: string[], input = ''): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, ...args], (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
    child.stdin?.end(input);
  });
}

test('sql prints a table, JSON lines or CSV, and says when rows were left out', async () => {
  const { folder } = await site();
  const at = ['--data-dir', folder];
  const sql = 'SELECT Body, length(Body) AS letters FROM otel_logs ORDER BY letters';
  expect((await sextant(['sql', sql, ...at])).out).toBe(
    'Body             letters\n=1+1                   4\nplain                  5\nsay "hi", twice       15\n',
  );
  const json = await sextant(['sql', '-', '--json', '--max-rows', '1', ...at], `${sql};\n`);
  expect(json).toEqual({
    code: 0,
    out: '{"Body":"=1+1","letters":4}\n',
    err: 'There are more than these 1 rows; --max-rows takes more.\n',
  });
  expect((await sextant(['sql', sql, '--csv', ...at])).out).toBe(
    'Body,letters\r\n\'=1+1,4\r\nplain,5\r\n"say ""hi"", twice",15\r\n',
  );
});

test('sql that does more than read is refused with 2, and every statement is in the audit', async () => {
  const { folder } = await site();
  const refused = await sextant(['sql', 'DROP TABLE otel_logs', '--data-dir', folder]);
  expect([refused.code, refused.err]).toEqual([
    2,
    expect.stringMatching(/^SX_SQL_REFUSED: .*\n {2}→ write one SELECT/),
  ]);
  const wrong = await sextant(['sql', 'SELECT Boddy FROM otel_logs', '--data-dir', folder]);
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('Boddy')]);
  const audit = await sextant(['audit', '--since', '1h', '--json', '--data-dir', folder]);
  expect(
    audit.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { event: 'sql.asked', who: 'local', details: { sql: 'DROP TABLE otel_logs' } },
    { event: 'sql.asked', who: 'local', details: { sql: 'SELECT Boddy FROM otel_logs' } },
  ]);
});

test('sql is for administrators', async () => {
  const { call, createToken } = await site();
  const viewer = await createToken({ kind: 'api', role: 'viewer', name: 'looker' });
  const answer = await call('POST', '/api/v1/sql', {
    body: { sql: 'SELECT 1' },
    headers: { authorization: `Bearer ${viewer}` },
  });
  expect([answer.status, answer.json.error.code]).toEqual([403, 'SX_FORBIDDEN']);
});

test('a node is revoked from the command line, and the audit shows it as a table', async () => {
  const { folder, enrollNode, call } = await site();
  const { cert, key } = await enrollNode('n1');
  const revoked = await sextant(['nodes', 'revoke', 'n1', '--data-dir', folder]);
  expect(revoked).toEqual({ code: 0, out: 'n1 is revoked: the collector refuses it from now on.\n', err: '' });
  expect((await call('POST', '/agent/v1/renew', { body: { csr: 'x' }, cert, key })).status).toBe(403);
  const again = await sextant(['nodes', 'revoke', 'n1', '--data-dir', folder]);
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('node n1 has no valid certificate')]);
  const { out } = await sextant(['audit', '--since', '1h', '--data-dir', folder]);
  expect(out).toMatch(/^AT +EVENT +WHO +DETAILS\n/);
  expect(out).toMatch(/node\.revoked +local +node=n1 certificates=1\n/);
  expect(JSON.parse((await sextant(['nodes', '--json', '--data-dir', folder])).out)).toEqual([]);
});
