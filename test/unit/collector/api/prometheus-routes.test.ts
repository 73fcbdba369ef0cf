import { request } from 'node:https';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prometheusRoutes } from '../../../../collector/api/prometheus-routes.ts';
import type { Queries } from '../../../../collector/query/ask.ts';
import { startEngine } from '../query/engine.ts';
import { localToken, startSite } from './site.ts';

let engine: Awaited<ReturnType<typeof startEngine>>;
const originMs = Date.parse('2026-11-20T11:00:00Z');
const nowMs = () => originMs + 600_000;

const at = (seconds: number) => new Date(originMs + seconds * 1000).toISOString().replace('T', ' ').replace('Z', '');
const row = (MetricName: string, seconds: number, over: object) => ({
  MetricName,
  ServiceName: 'agent',
  Node: 'n1',
  Epoch: 'e1',
  TimeUnix: at(seconds),
  StartTimeUnix: at(-1000),
  ...over,
});
/** A sample every 10 seconds, 3 seconds after the full ten, for ten minutes. */
const times = Array.from({ length: 60 }, (_, index) => index * 10 + 3);

beforeAll(async () => {
  engine = await startEngine();
  const counter = { AggregationTemporality: 2, IsMonotonic: true, MetricUnit: 's' };
  await engine.insert('otel_metrics_sum', [
    ...times.flatMap((seconds, index) => [
      row('system.cpu.time', seconds, { ...counter, Attributes: { 'cpu.mode': 'user' }, Value: 2 * index }),
      row('system.cpu.time', seconds, {
        ...counter,
        Attributes: { 'cpu.mode': 'idle' },
        Value: index < 30 ? 8 * index : 8 * (index - 30),
      }),
      row('system.cpu.time', seconds, { ...counter, Attributes: { 'cpu.mode': 'user' }, Value: 5 * index, Node: 'n2' }),
    ]),
    // The agent was started again: another resource and the same series.
    ...times.map((seconds, index) =>
      row('restarted', seconds, {
        ...counter,
        Value: index,
        MetricUnit: '{thing}',
        ResourceAttributes: { 'process.pid': String(index < 30) },
      }),
    ),
    ...times.map((seconds) =>
      row('deltas', seconds, { ...counter, AggregationTemporality: 1, Value: 1, MetricUnit: '' }),
    ),
    ...times.flatMap((seconds, index) =>
      ['one', 'two'].map((ScopeName) =>
        row('twofold', seconds, { ...counter, ScopeName, Value: index, MetricUnit: '' }),
      ),
    ),
  ]);
  const gauge = { MetricUnit: 'Cel' };
  await engine.insert('otel_metrics_gauge', [
    ...times.map((seconds, index) =>
      row('hw.temperature', seconds, { ...gauge, Attributes: { 'hw.id': 'cpu0', node: 'x' }, Value: 40 + index }),
    ),
    row('hw.temperature', 5, { ...gauge, Attributes: { 'hw.id': 'gone' }, Value: 7 }),
    row('hw.temperature', 15, { ...gauge, Attributes: { 'hw.id': 'gone' }, Value: 0, Flags: 1 }),
    row('share', 3, { MetricUnit: '1', Value: 0.25 }),
    ...['a', 'b'].map((instance) =>
      row('app.queue', 3, {
        MetricUnit: '{job}',
        Value: 4,
        Node: 'otlp:billing',
        Epoch: '',
        ServiceName: 'billing',
        ResourceAttributes: { 'service.namespace': 'shop', 'service.instance.id': instance },
      }),
    ),
  ]);
  await engine.insert(
    'otel_metrics_histogram',
    times.map((seconds, index) =>
      row('http.server.request.duration', seconds, {
        AggregationTemporality: 2,
        MetricUnit: 's',
        Attributes: { 'http.route': '/api' },
        ExplicitBounds: [0.1, 0.5, 1],
        BucketCounts: [4 * index, 3 * index, 2 * index, index],
        Count: 10 * index,
        Sum: 3.5 * index,
      }),
    ),
  );
  await engine.insert('otel_metrics_summary', [
    row('rpc.time', 3, {
      MetricUnit: 'ms',
      Count: 10,
      Sum: 200,
      'ValueAtQuantiles.Quantile': [0.5, 0.99],
      'ValueAtQuantiles.Value': [15, 90],
    }),
  ]);
  await engine.insert('otel_metrics_exponential_histogram', [
    row('exponential', 3, { MetricUnit: 's', Count: 1, Sum: 1, AggregationTemporality: 2 }),
  ]);
});
afterAll(() => engine.close());

async function site(store: Queries = engine.store) {
  const started = await startSite({ plugins: [prometheusRoutes({ store, nowMs })] });
  const get = (path: string, parameters: Record<string, string> | [string, string][] = {}) =>
    started.call('GET', `/prometheus/api/v1/${path}?${new URLSearchParams(parameters)}`, {
      headers: started.asAdministrator,
    });
  /** Labels without those that all series of the node have, and values. */
  const ask = async (query: string, seconds = 601) => {
    const { status, json } = await get('query', { query, time: String(originMs / 1000 + seconds) });
    if (status !== 200) return [status, json.errorType, json.error];
    if (json.data.resultType === 'scalar') return json.data.result[1];
    return json.data.result.map(({ metric, value }: { metric: Record<string, string>; value: [number, string] }) => {
      const { job, instance, node, ...labels } = metric;
      return [labels, Number(value[1])];
    });
  };
  return { ...started, get, ask };
}

test('a counter, a gauge, a histogram and a summary are what was sent', async () => {
  const { ask } = await site();
  const cpu = { __name__: 'system_cpu_time_seconds_total' };
  expect(await ask('system_cpu_time_seconds_total{node="n1"}')).toEqual([
    [{ ...cpu, cpu_mode: 'idle' }, 8 * 29],
    [{ ...cpu, cpu_mode: 'user' }, 2 * 59],
  ]);
  // 2 every ten seconds.
  expect(await ask('rate(system_cpu_time_seconds_total{cpu_mode="user",node="n1"}[5m])')).toEqual([
    [{ cpu_mode: 'user' }, 0.2],
  ]);
  // From 8 × 29 it falls to 0, and goes on: one sample of 8 is not counted.
  expect(await ask('round(increase(system_cpu_time_seconds_total{cpu_mode="idle"}[9m]))')).toEqual([
    [{ cpu_mode: 'idle' }, 424],
  ]);
  expect(await ask('sum by (node) (rate(system_cpu_time_seconds_total{cpu_mode=~"us.*"}[5m])) * 10')).toEqual([
    [{}, 2],
    [{}, 5],
  ]);
  expect(await ask('hw_temperature_celsius')).toEqual([
    [{ __name__: 'hw_temperature_celsius', exported_node: 'x', hw_id: 'cpu0' }, 99],
  ]);
  expect(await ask('avg_over_time(hw_temperature_celsius{hw_id="cpu0"}[1m])')).toEqual([
    [{ exported_node: 'x', hw_id: 'cpu0' }, 96.5],
  ]);
  const route = { http_route: '/api' };
  const bucket = { __name__: 'http_server_request_duration_seconds_bucket', ...route };
  expect(await ask('http_server_request_duration_seconds_bucket')).toEqual([
    [{ ...bucket, le: '+Inf' }, 590],
    [{ ...bucket, le: '0.1' }, 236],
    [{ ...bucket, le: '0.5' }, 413],
    [{ ...bucket, le: '1' }, 531],
  ]);
  // Of ten 4, 3, 2 and 1: half of them lie a third into the second bucket.
  const [[labels, median]] = await ask(
    'histogram_quantile(0.5, rate(http_server_request_duration_seconds_bucket[5m]))',
  );
  expect(labels).toEqual(route);
  expect(median).toBeCloseTo(0.1 + 0.4 / 3, 10);
  expect(await ask('http_server_request_duration_seconds_sum / http_server_request_duration_seconds_count')).toEqual([
    [route, 0.35],
  ]);
  expect(await ask('rpc_time_milliseconds', 60)).toEqual([
    [{ __name__: 'rpc_time_milliseconds', quantile: '0.5' }, 15],
    [{ __name__: 'rpc_time_milliseconds', quantile: '0.99' }, 90],
  ]);
  expect(await ask('share_ratio * 4', 60)).toEqual([[{}, 1]]);
});

test('names as they were sent stand in quotes', async () => {
  const { ask } = await site();
  expect(await ask('{"system.cpu.time", "cpu.mode"="user", node="n2"}')).toEqual([
    [{ __name__: 'system.cpu.time', 'cpu.mode': 'user' }, 295],
  ]);
  expect(await ask('sum by ("cpu.mode") (rate({"system.cpu.time"}[1m])) > 0.75')).toEqual([
    [{ 'cpu.mode': 'idle' }, 0.8],
  ]);
  expect(await ask('{"http.server.request.duration_count"}')).toHaveLength(1);
});

test('who sent a series is told by job, instance and node', async () => {
  const { get } = await site();
  const parameters = { query: 'app_queue', time: String(originMs / 1000 + 10) };
  const { json } = await get('query', parameters);
  expect(json.data.result.map(({ metric }: { metric: object }) => metric)).toEqual(
    ['a', 'b'].map((instance) => ({ __name__: 'app_queue', instance, job: 'shop/billing', node: 'otlp:billing' })),
  );
  expect((await get('query', { ...parameters, query: 'share_ratio' })).json.data.result[0].metric).toEqual({
    __name__: 'share_ratio',
    instance: 'n1',
    job: 'agent',
    node: 'n1',
  });
  const narrowed = await get('query', {
    ...parameters,
    query: 'app_queue{job="shop/billing",instance!="a",node=~"otlp:.*"}',
  });
  expect(narrowed.json.data.result).toHaveLength(1);
});

test('a series ends with what its sender says, a look-back of five minutes, and goes on after a restart', async () => {
  const { ask } = await site();
  const gone = 'hw_temperature_celsius{hw_id="gone"}';
  expect(await ask(gone, 14)).toHaveLength(1);
  expect(await ask(gone, 16)).toEqual([]);
  expect(await ask(`count_over_time(${gone}[1m])`, 30)).toEqual([[{ hw_id: 'gone' }, 1]]);
  expect(await ask('share_ratio', 302)).toHaveLength(1);
  expect(await ask('share_ratio', 303)).toEqual([]);
  expect(await ask('count_over_time(restarted_total[10m])')).toEqual([[{}, 60]]);
});

test('what has no series here is refused by its name, and left out with a warning otherwise', async () => {
  const { ask, get } = await site();
  const [status, kind, message] = await ask('rate(deltas_total[5m])');
  expect([status, kind]).toEqual([422, 'execution']);
  expect(message).toContain('deltas_total has delta temporality');
  expect((await ask('exponential_seconds_bucket'))[2]).toContain('exponential histogram');
  expect(await ask('twofold_seconds_total')).toEqual([]);
  expect((await ask('twofold_total'))[2]).toContain('several stored series have the labels');
  const { json } = await get('query', { query: '{__name__=~"del.*|share.*"}', time: String(originMs / 1000 + 10) });
  expect(json.data.result).toHaveLength(1);
  expect(json.warnings).toEqual([expect.stringContaining('deltas_total has delta temporality')]);
});

test('a range query has a value for each step', async () => {
  const { get } = await site();
  const range = { start: String(originMs / 1000 + 60), end: String(originMs / 1000 + 180), step: '1m' };
  const { json } = await get('query_range', { ...range, query: 'system_cpu_time_seconds_total{node="n2"} + 0' });
  expect(json.data.result).toEqual([
    {
      metric: { cpu_mode: 'user', instance: 'n2', job: 'agent', node: 'n2' },
      values: [
        [originMs / 1000 + 60, '25'],
        [originMs / 1000 + 120, '55'],
        [originMs / 1000 + 180, '85'],
      ],
    },
  ]);
  const scalar = await get('query_range', { ...range, query: '1.5' });
  expect(scalar.json.data).toMatchObject({
    resultType: 'matrix',
    result: [{ metric: {}, values: [[expect.any(Number), '1.5'], expect.anything(), expect.anything()] }],
  });
});

test('series, labels, their values and metadata are listed', async () => {
  const { get } = await site();
  const within = { start: String(originMs / 1000), end: String(originMs / 1000 + 600) };
  const data = async (path: string, parameters: Record<string, string> = {}) =>
    (await get(path, { ...within, ...parameters })).json.data;
  expect(await data('labels')).toEqual([
    '__name__',
    'cpu_mode',
    'exported_node',
    'http_route',
    'hw_id',
    'instance',
    'job',
    'le',
    'node',
    'quantile',
  ]);
  expect(await data('labels', { 'match[]': 'share_ratio' })).toEqual(['__name__', 'instance', 'job', 'node']);
  expect(await data('label/__name__/values')).toEqual(
    expect.arrayContaining([
      'http_server_request_duration_seconds_bucket',
      'share_ratio',
      'system_cpu_time_seconds_total',
    ]),
  );
  expect(await data('label/cpu_mode/values')).toEqual(['idle', 'user']);
  expect(await data('label/node/values', { 'match[]': 'system_cpu_time_seconds_total{cpu_mode="user"}' })).toEqual([
    'n1',
    'n2',
  ]);
  expect(await data('label/le/values')).toEqual(['+Inf', '0.1', '0.5', '1']);
  expect(await data('label/U__cpu_2e_mode/values', { 'match[]': '{"system.cpu.time"}' })).toEqual(['idle', 'user']);
  expect(await data('series', { 'match[]': 'system_cpu_time_seconds_total{node="n2"}' })).toEqual([
    { __name__: 'system_cpu_time_seconds_total', cpu_mode: 'user', instance: 'n2', job: 'agent', node: 'n2' },
  ]);
  expect((await data('metadata')).system_cpu_time_seconds_total).toEqual([{ type: 'counter', help: '', unit: 's' }]);
  expect((await data('status/buildinfo')).application).toBe('Sextant');
  const cut = await get('labels', { ...within, limit: '2' });
  expect([cut.json.data.length, cut.json.warnings]).toEqual([2, ['results truncated due to limit']]);
});

test('a form by POST is the same as a query by GET', async () => {
  const { port, authority } = await site();
  const body = new URLSearchParams([
    ['match[]', 'share_ratio'],
    ['match[]', 'rpc_time_milliseconds_count'],
    ['start', String(originMs / 1000)],
  ]).toString();
  const answer = await new Promise<string>((resolve, reject) => {
    const sent = request(
      {
        ...{
          host: '127.0.0.1',
          port,
          method: 'POST',
          path: '/prometheus/api/v1/series',
          ca: authority.certificatePem,
          agent: false,
        },
        headers: { authorization: `Bearer ${localToken}`, 'content-type': 'application/x-www-form-urlencoded' },
      },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve(text));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
  expect(JSON.parse(answer).data.map(({ __name__ }: { __name__: string }) => __name__)).toEqual([
    'rpc_time_milliseconds_count',
    'share_ratio',
  ]);
});

test('errors have Prometheus’ form, and nobody reads without a token', async () => {
  const { call, get, createToken } = await site();
  const refused = async (path: string, parameters: Record<string, string>) => {
    const { status, json } = await get(path, parameters);
    return [status, json.status, json.errorType];
  };
  const bad = [400, 'error', 'bad_data'];
  const range = { query: 'share_ratio', start: '0', end: '100000', step: '60' };
  expect(await refused('query', {})).toEqual(bad);
  expect(await refused('query', { query: 'rate(share_ratio)' })).toEqual(bad);
  expect(await refused('query', { query: '1', time: 'yesterday' })).toEqual(bad);
  expect(await refused('query', { query: '1', timeout: '-1' })).toEqual(bad);
  expect(await refused('query_range', { ...range, step: '1' })).toEqual(bad);
  expect(await refused('query_range', { ...range, step: '0' })).toEqual(bad);
  expect(await refused('query_range', { ...range, query: 'share_ratio[5m]' })).toEqual(bad);
  expect(await refused('query_range', { ...range, end: '-5' })).toEqual(bad);
  expect(await refused('series', {})).toEqual(bad);
  expect(await refused('query_exemplars', {})).toEqual([404, 'error', 'not_found']);
  expect((await get('query', { query: 'double_exponential_smoothing(share_ratio[1m], 1, 1)' })).json.error).toContain(
    'the function double_exponential_smoothing is not supported',
  );
  const stranger = await call('GET', '/prometheus/api/v1/query?query=1');
  expect([stranger.status, stranger.json.errorType]).toEqual([401, 'unauthorized']);
  const viewer = { authorization: `Bearer ${await createToken({ kind: 'api', role: 'viewer', name: 'grafana' })}` };
  expect((await call('GET', '/prometheus/api/v1/query?query=1%2B1', { headers: viewer })).json.data.result[1]).toBe(
    '2',
  );
});

test('a query that takes too long, a storage that is slow and one that fails are told apart', async () => {
  const failing = (error: Error) => site({ query: () => Promise.reject(error) });
  const query = { query: 'share_ratio' };
  expect((await (await failing(new Error('Code: 159. TIMEOUT_EXCEEDED'))).get('query', query)).json.errorType).toBe(
    'timeout',
  );
  expect((await (await failing(new Error('the engine broke'))).get('query', query)).status).toBe(500);
  const never = await site({ query: () => new Promise(() => {}) });
  const slow = never.get('query', { ...query, timeout: '50ms' });
  await expect(slow).resolves.toMatchObject({ status: 503, json: { errorType: 'timeout' } });
});
