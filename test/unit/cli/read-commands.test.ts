import { execFile, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { alertRoutes } from '../../../collector/api/alerts-routes.ts';
import { logRoutes } from '../../../collector/api/logs-routes.ts';
import { metricRoutes } from '../../../collector/api/metrics-routes.ts';
import type { AlertRow } from '../../../collector/api/shapes/alerts.ts';
import { localToken, startSite } from '../collector/api/site.ts';
import { startEngine } from '../collector/query/engine.ts';

const main = join(import.meta.dirname, '../../../cli/main.ts');
let engine: Awaited<ReturnType<typeof startEngine>>;
const nowText = new Date().toISOString().replace('T', ' ').replace('Z', '');

const alert: AlertRow = {
  id: '1',
  rule: 'filesystem-full',
  severity: 'critical',
  state: 'firing',
  node: 'n1',
  subject: '/',
  since: '2026-11-20T11:00:00.000Z',
  resolvedAt: null,
  value: 95.26,
  limit: 90,
  unit: '%',
  summary: 'Filesystem / on n1 is 95.3 % full',
  whatToDo: 'Free space now.',
};

beforeAll(async () => {
  engine = await startEngine();
  const record = (Body: string, SeverityNumber = 9) => ({
    Timestamp: nowText,
    Body,
    SeverityNumber,
    Node: 'n1',
    Epoch: 'e',
    Sequence: 1,
  });
  await engine.insert('otel_logs', [
    record('connection refused by peer', 17),
    record('evil \u001b]0;owned\u0007\u001b[2J \u009b31m \u202e line\nnext'),
  ]);
  await engine.run(`
    INSERT INTO otel_logs (Timestamp, Body, Node, Epoch, Sequence)
    SELECT now64(9) - INTERVAL 2 DAY, repeat(toString(number), 20), 'n2', 'e', 1 FROM numbers(50000)`);
  await engine.run(`
    INSERT INTO otel_logs (Timestamp, ReceivedAt, Body, Node, Epoch, Sequence)
    SELECT now64(9) - INTERVAL 3 HOUR + INTERVAL number SECOND, now64(9), concat('step ', toString(number)), 'n3', 'e', 1
    FROM numbers(30)`);
  await engine.insert('otel_metrics_gauge', [
    {
      TimeUnix: nowText,
      MetricName: 'cpu',
      MetricUnit: '1',
      Node: 'n1',
      Value: 0.5,
      Attributes: { 'cpu.mode': 'user' },
    },
  ]);
});
afterAll(() => engine.close());

/** A collector's API, and the data folder that leads a command to it. */
async function site(alerts: AlertRow[] = [alert]) {
  const { store } = engine;
  const plugins = [logRoutes({ store }), metricRoutes({ store }), alertRoutes({ alerts: { list: () => alerts } })];
  const started = await startSite({ plugins });
  const folder = join(started.folder, 'collector');
  mkdirSync(folder);
  const url = `https://127.0.0.1:${started.port}`;
  const endpoint = { url, token: localToken, caFile: join(started.folder, 'ca', 'ca.crt'), pid: 1 };
  writeFileSync(join(folder, 'endpoint.json'), JSON.stringify(endpoint));
  return { ...started, ...endpoint };
}

function sextant(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { maxBuffer: 1e9 }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
  });
}

test('logs --json prints one object a line with exactly these members', async () => {
  const { folder } = await site();
  const { code, out } = await sextant('logs', '--data-dir', folder, '--since', '1h', '--grep', 'REFUSED', '--json');
  expect(code).toBe(0);
  expect(
    out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  ).toEqual([
    {
      timestamp: `${nowText.replace(' ', 'T')}000000Z`,
      node: 'n1',
      severity: 'error',
      body: 'connection refused by peer',
      attributes: {},
    },
  ]);
});

test('logs --context shows what stands around each record, every record once', async () => {
  const { folder } = await site();
  const at = ['--data-dir', folder, '--since', '1d', '--node', 'n3'];
  const bodies = (out: string) => out.split('\n').map((line) => line.split('  ').at(-1));
  const both = await sextant('logs', ...at, '--query', '"step 4" OR "step 6" OR "step 20"', '--context', '1');
  expect(bodies(both.out)).toEqual([
    ...['step 3', 'step 4', 'step 5', 'step 6', 'step 7', '--', 'step 19', 'step 20', 'step 21', ''],
  ]);
  const json = await sextant('logs', ...at, '--grep', 'step 20', '--context', '0', '--json');
  expect(JSON.parse(json.out)).toMatchObject({ body: 'step 20', attributes: {} });
  expect(JSON.parse(json.out)).not.toHaveProperty('cursor');
});

test('what a limit leaves out is not left out silently', async () => {
  const { folder } = await site();
  const { out, err } = await sextant('logs', '--data-dir', folder, '--since', '1h', '--limit', '1');
  expect([out.split('\n').length - 1, err]).toEqual([1, 'These are the newest 1; --limit takes more.\n']);
});

test('a hostile log line cannot drive the terminal', async () => {
  const { folder } = await site();
  const { out } = await sextant('logs', '--data-dir', folder, '--grep', 'evil');
  expect(out).toBe(
    `${nowText.replace(' ', 'T')}Z  info   n1  evil \\x1b]0;owned\\x07\\x1b[2J \\x9b31m \\u202e line\\nnext\n`,
  );
});

test('nodes, metrics and alerts print tables for people and JSON for programs', async () => {
  const { folder, enrollNode, peers } = await site();
  await enrollNode('n1');
  peers.heard('fw1');
  const at = ['--data-dir', folder];
  const unknown = { os: '', version: '', clockOffsetMs: null };
  const nodes = JSON.parse((await sextant('nodes', ...at, '--json')).out);
  expect(nodes).toEqual([
    { ...unknown, node: 'n1', kind: 'node', os: 'TestOS 1', version: '0.0.1', state: 'never-seen', lastSeen: null },
    { ...unknown, node: 'syslog:fw1', kind: 'syslog', state: 'online', lastSeen: expect.stringMatching(/Z$/) },
  ]);
  expect((await sextant('nodes', ...at)).out).toMatch(
    new RegExp(
      'NODE        KIND    STATE       LAST SEEN +OS        VERSION  CLOCK  FAILING\\n' +
        'n1          node    never-seen  never +TestOS 1  0.0.1 +\\? +0\\n' +
        'syslog:fw1  syslog  online .+ – +–\\n',
    ),
  );
  expect(JSON.parse((await sextant('metrics', 'cpu', ...at, '--json')).out)).toEqual({
    timestamp: `${nowText.replace(' ', 'T')}000000Z`,
    node: 'n1',
    value: 0.5,
    unit: '1',
    attributes: { 'cpu.mode': 'user' },
  });
  expect((await sextant('metrics', ...at)).out).toBe('NAME  UNIT  KIND   DESCRIPTION\ncpu   1     gauge\n');
  expect(JSON.parse((await sextant('alerts', ...at, '--json')).out)).toEqual([alert]);
  expect((await sextant('alerts', ...at)).out).toBe(
    [
      'STATE   SEVERITY  SINCE                      VALUE  LIMIT  WHAT',
      'firing  critical  2026-11-20T11:00:00.000Z  95.3 %   90 %  Filesystem / on n1 is 95.3 % full',
      '',
      'What to do about filesystem-full: Free space now.',
      '',
    ].join('\n'),
  );
});

test('what has expired stands there without negative days', async () => {
  const of = (value: number) => ({ ...alert, value, limit: 7, unit: 'days left', summary: 'The certificate' });
  const { folder } = await site([of(3.04), of(-3)]);
  const { out } = await sextant('alerts', '--data-dir', folder);
  expect(out).toMatch(/ 3 days left +7 days left +The certificate\n.* expired +7 days left +The certificate\n/);
});

test('nodes and alerts are narrowed by node, by text and by time', async () => {
  const { folder, enrollNode } = await site();
  await enrollNode('n1');
  await enrollNode('n2');
  const at = ['--data-dir', folder, '--json'];
  const names = async (...args: string[]) =>
    JSON.parse((await sextant('nodes', ...at, ...args)).out).map((row: { node: string }) => row.node);
  expect(await names('--node', 'n2')).toEqual(['n2']);
  expect(await names('--grep', 'testos')).toEqual(['n1', 'n2']);
  expect(await names('--since', '1d')).toEqual([]);
  expect((await sextant('nodes', '--data-dir', folder, '--node', 'n3')).out).toBe('No node fits.\n');
  const alerts = async (...args: string[]) => JSON.parse((await sextant('alerts', ...at, ...args)).out);
  expect(await alerts('--node', 'n1', '--grep', 'FILESYSTEM')).toEqual([alert]);
  expect(await alerts('--node', 'n2')).toEqual([]);
  expect(await alerts('--grep', 'memory')).toEqual([]);
});

test('an answer with nothing in it says so to people, beside the output', async () => {
  const { folder } = await site();
  const at = ['--data-dir', folder];
  expect(await sextant('logs', ...at, '--node', 'n9')).toEqual({
    code: 0,
    out: '',
    err: 'No such log record in this range.\n',
  });
  expect((await sextant('metrics', 'nosuch', ...at)).err).toBe('No such sample of nosuch in this range.\n');
});

test('without a collector the command says so, what to do, and ends with 1', async () => {
  const { folder, close } = await site();
  await close();
  expect(await sextant('nodes', '--data-dir', folder)).toEqual({
    code: 1,
    out: '',
    err: expect.stringMatching(/^SX_NO_COLLECTOR: no collector answers at https:.*ECONNREFUSED.*\n {2}→ start it with/),
  });
  const nowhere = await sextant('nodes', '--data-dir', join(folder, 'nowhere'));
  expect(nowhere.code).toBe(1);
  expect(nowhere.err).toContain('no collector runs with the data folder');
});

test('a wrong call ends with 2 and names what is wrong', async () => {
  const { folder } = await site();
  const query = await sextant('logs', '--data-dir', folder, '--query', 'a (b');
  expect([query.code, query.err]).toEqual([2, expect.stringContaining('q: column 3: this parenthesis is not closed')]);
  const limit = await sextant('logs', '--data-dir', folder, '--limit', 'many');
  expect([limit.code, limit.err]).toEqual([2, expect.stringContaining('from 1 to 1000000')]);
  const since = await sextant('alerts', '--data-dir', folder, '--since', 'soon');
  expect([since.code, since.err]).toEqual([2, expect.stringContaining('cannot read “soon” as a time')]);
});

test('another collector is named with --url, and must prove itself', async () => {
  const here = await site();
  const other = await site();
  const token = join(other.folder, 'token');
  // As `sextant token create --api` prints it.
  writeFileSync(
    token,
    `${await other.createToken({ kind: 'api', name: 'test' })}\n\nFor programs, as "Authorization: …\n`,
  );
  const asked = ['nodes', '--data-dir', join(here.folder, 'x'), '--url', other.url, '--token-file', token];
  const unproven = await sextant(...asked);
  expect([unproven.code, unproven.err]).toEqual([1, expect.stringContaining('does not prove to be the collector')]);
  expect((await sextant(...asked, '--ca-file', other.caFile)).out).toContain('No node is enrolled yet');
  const noToken = await sextant('nodes', '--data-dir', here.folder, '--url', other.url);
  expect([noToken.code, noToken.err]).toEqual([1, expect.stringContaining('there is no token for')]);
});

test('a reader that has seen enough ends the command quietly', async () => {
  const { folder } = await site();
  const args = [main, 'logs', '--data-dir', folder, '--since', '3d', '--limit', '100000'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect([code, err]).toEqual([0, '']);
});
