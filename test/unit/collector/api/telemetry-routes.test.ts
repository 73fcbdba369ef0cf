import { request } from 'node:https';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { alertRoutes } from '../../../../collector/api/alerts-routes.ts';
import { logRoutes } from '../../../../collector/api/logs-routes.ts';
import { metricRoutes } from '../../../../collector/api/metrics-routes.ts';
import type { LogRow } from '../../../../collector/api/shapes/logs.ts';
import type { Queries } from '../../../../collector/query/ask.ts';
import { patient } from '../../../patience.ts';
import { startEngine } from '../query/engine.ts';
import { startSite } from './site.ts';

let engine: Awaited<ReturnType<typeof startEngine>>;
const nowMs = () => Date.parse('2026-11-20T12:00:00Z');
const rows = 12_000;

beforeAll(async () => {
  engine = await startEngine();
  await engine.run(`
    INSERT INTO otel_logs (Timestamp, SeverityNumber, Body, Node, Epoch, Sequence)
    SELECT toDateTime64('2026-11-20 11:30:00', 9, 'UTC') + INTERVAL number MILLISECOND, if(number % 100 = 0, 17, 9),
      concat('line ', toString(number)), concat('n', toString(number % 2)), 'e', 1 FROM numbers(${rows})`);
  await engine.run(`
    INSERT INTO otel_metrics_gauge (TimeUnix, MetricName, MetricUnit, Node, Value, Attributes)
    SELECT toDateTime64('2026-11-20 11:30:00', 9, 'UTC') + INTERVAL number SECOND, 'cpu', '1', 'n1', number, map('cpu.mode', 'user')
    FROM numbers(60)`);
});
afterAll(() => engine.close());

async function site(store: Queries = engine.store) {
  const alerts = { list: (filter: unknown) => [{ filter }] as never };
  const plugins = [logRoutes({ store, nowMs }), metricRoutes({ store, nowMs }), alertRoutes({ alerts, nowMs })];
  const started = await startSite({ plugins });
  const get = (path: string, headers = {}) =>
    started.call('GET', `/api/v1/${path}`, { headers: { ...started.asAdministrator, ...headers } });
  return { ...started, get };
}
const ndjson = { accept: 'application/x-ndjson' };
const parseLines = (body: string): LogRow[] =>
  body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('logs come as pages, newest first, with a cursor to go on from', async () => {
  const { get } = await site();
  const first = (await get('logs?since=1h&limit=2&q=line&node=n1')).json;
  expect(first.records.map((row: LogRow) => row.body)).toEqual(['line 11999', 'line 11997']);
  const second = (await get(`logs?since=1h&limit=2&q=line&node=n1&cursor=${first.next}`)).json;
  expect(second.records.map((row: LogRow) => row.body)).toEqual(['line 11995', 'line 11993']);
  expect(second.rowsRead).toBeGreaterThan(0);
});

test('logs come as one object a line, all of them, oldest first', async () => {
  const { get } = await site();
  const answer = await get('logs?since=1h&limit=1000000', ndjson);
  expect(answer.headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
  expect(parseLines(answer.body).map((row) => row.body)).toEqual(Array.from({ length: rows }, (_, i) => `line ${i}`));
});

test('a histogram has every step and counts by severity; facets count values', async () => {
  const { get } = await site();
  const histogram = (await get('logs/histogram?since=2026-11-20T11:30:00Z&until=2026-11-20T11:30:20Z&buckets=4')).json;
  expect(histogram.stepMs).toBe(5000);
  expect(histogram.buckets.map((bucket: { counts: object }) => bucket.counts)).toEqual([
    { error: 50, info: 4950 },
    { error: 50, info: 4950 },
    { error: 20, info: 1980 },
    {},
  ]);
  const fields = (await get('logs/fields?since=1h&severity=error&fields=severity,node,source')).json;
  expect(fields).toEqual([
    { field: 'severity', values: [{ value: 'error', count: 120 }] },
    { field: 'node', values: [{ value: 'n0', count: 120 }] },
    { field: 'source', values: [] },
  ]);
});

test('metrics come as names, samples and series', async () => {
  const { get } = await site();
  expect((await get('metrics')).json).toEqual([{ name: 'cpu', unit: '1', kind: 'gauge', description: '' }]);
  const points = await get('metrics/points?name=cpu&since=1h&limit=2', ndjson);
  expect(parseLines(points.body)).toMatchObject([{ value: 58 }, { value: 59, node: 'n1', unit: '1' }]);
  const path = 'metrics/series?name=cpu&since=2026-11-20T11:30:00Z&until=2026-11-20T11:32:00Z&step=30s&by=node&agg=max';
  expect((await get(path)).json.series).toEqual([{ labels: { node: 'n1' }, values: [29, 59, null, null] }]);
  expect((await get(`${path}&where=cpu.mode:idle`)).json.series).toEqual([]);
});

test('alerts are asked by state and time', async () => {
  const { get } = await site();
  expect((await get('alerts?state=firing&since=1h')).json).toEqual([
    { filter: { state: 'firing', resolvedSinceMs: nowMs() - 3_600_000 } },
  ]);
});

test.each([
  ['logs?since=yesterday', 'since: cannot read “yesterday” as a time'],
  ['logs?since=1h&until=2h', 'since: lies at or after until'],
  ['logs?q=(a', 'q: column 1: this parenthesis is not closed'],
  ['logs?severity=loud', 'severity: “loud” is none'],
  ['logs?cursor=abc', 'cursor: is not one that a page of logs ended with'],
  ['logs?query=x', 'there is no parameter “query” here'],
  ['logs?constructor=x', 'there is no parameter “constructor” here'],
  ['logs?limit=0', 'querystring.limit must be >= 1'],
  ['metrics/series?name=cpu&step=fast', 'step: “fast” is not a duration'],
  ['metrics/series?name=cpu&where=x', 'where: “x” is not attribute:value'],
  ['metrics/points', 'name'],
  ['alerts?state=odd', 'querystring.state'],
])('%s is refused and says why', async (path, message) => {
  const { get } = await site();
  const answer = await get(path);
  expect(answer.status).toBe(400);
  expect(answer.json.error.message).toContain(message);
  expect((await get(path, ndjson)).status, 'as lines too').toBe(400);
});

test('nobody reads without signing in', async () => {
  const { call } = await site();
  for (const path of ['logs', 'logs/histogram', 'metrics', 'alerts']) {
    expect((await call('GET', `/api/v1/${path}`)).status).toBe(401);
  }
});

test('a reader that hangs up ends the work that was done for it', async () => {
  const signals: (AbortSignal | undefined)[] = [];
  const { port, authority, asAdministrator } = await site({
    query: (sql, options) => {
      signals.push(options?.signal);
      return engine.store.query(sql, options);
    },
  });
  const path = '/api/v1/logs?since=1h&limit=1000000';
  const call = request({
    host: '127.0.0.1',
    port,
    path,
    ca: authority.certificatePem,
    headers: { ...asAdministrator, ...ndjson },
    agent: false,
  });
  call.on('error', () => {});
  call.on('response', (response) => response.once('data', () => call.destroy()));
  call.end();
  await expect.poll(() => signals.at(-1)?.aborted, patient).toBe(true);
  const asked = signals.length;
  // Were it to go on, it would read 12,000 rows in three pages.
  await new Promise((resolve) => setImmediate(resolve));
  expect(signals.length).toBe(asked);
});

test('a follower gets what is there and then what arrives, once each, at once', async () => {
  const { port, authority, asAdministrator } = await site();
  const bodies: string[] = [];
  const arrive = (text: string) =>
    engine.run(`
      INSERT INTO otel_logs (Timestamp, Body, Node, Epoch, Sequence, ReceivedAt)
      SELECT toDateTime64('2026-11-20 11:59:59', 9, 'UTC'), '${text}', 'n1', 'e', 1, toDateTime64('2026-11-20 12:00:01', 9, 'UTC')`);
  await arrive('followed 0');
  const path = '/api/v1/logs?since=1h&limit=1&q=followed&follow=true';
  const options = { host: '127.0.0.1', port, path, ca: authority.certificatePem, agent: false as const };
  const call = request({ ...options, headers: { ...asAdministrator, ...ndjson } });
  call.on('error', () => {});
  call.on('response', (response) => {
    response.on('error', () => {});
    response.on('data', (chunk) => {
      for (const line of String(chunk).trimEnd().split('\n')) bodies.push(JSON.parse(line).body);
    });
  });
  call.end();
  await expect.poll(() => bodies, patient).toEqual(['followed 0']);
  await arrive('followed 1');
  await expect.poll(() => bodies, patient).toContain('followed 1');
  await arrive('followed 2');
  await expect.poll(() => bodies, patient).toContain('followed 2');
  expect(bodies.filter((body) => body === 'followed 1')).toHaveLength(1);
  call.destroy();
});
