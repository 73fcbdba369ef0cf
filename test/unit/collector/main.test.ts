import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ajvCompiler from '@fastify/ajv-compiler';
import { ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { enroll } from '../../../agent/identity/enroll.ts';
import { operations } from '../../../collector/api/openapi/operations.ts';
import { type Collector, startCollector } from '../../../collector/main.ts';
import { loadSettings } from '../../../config/load.ts';
import { SextantError } from '../../../errors/sextant-error.ts';
import { patient } from '../../patience.ts';
import { silentLog } from './api/site.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'sextant-main-'));
const endpointFile = join(dataDir, 'collector', 'endpoint.json');
const settings = loadSettings({
  dataDir,
  overrides: { 'collector.port': 0, 'collector.storage.minFreeBytes': 0, 'collector.metrics.interval': 1000 },
});
const start = () => startCollector({ dataDir, settings, log: silentLog });

let collector: Collector;
beforeAll(async () => {
  collector = await start();
});
afterAll(() => collector.close());

const endpoint = () => JSON.parse(readFileSync(endpointFile, 'utf8'));
const api = async (path: string, body?: object) => {
  const { url, token, caFile } = endpoint();
  const dispatcher = new Agent({ connect: { ca: readFileSync(caFile) } });
  const answer = await request(`${url}/api/v1/${path}`, {
    dispatcher,
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const json = await answer.body.json();
  await dispatcher.close();
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever came
  return json as any;
};
const sendLog = async (text: string) => {
  const identity = join(dataDir, 'agent', 'identity');
  const read = (name: string) => readFileSync(join(identity, name));
  const dispatcher = new Agent({
    connect: { ca: read('ca.crt'), cert: read('node.crt'), key: read('node.key'), minVersion: 'TLSv1.3' },
  });
  const nowMs = Date.now();
  const hrTime: [number, number] = [Math.floor(nowMs / 1000), (nowMs % 1000) * 1_000_000];
  const body = ProtobufLogsSerializer.serializeRequest([
    {
      hrTime,
      hrTimeObserved: hrTime,
      body: text,
      attributes: {},
      droppedAttributesCount: 0,
      resource: { attributes: {}, getRawAttributes: () => [], merge: () => undefined as never },
      instrumentationScope: { name: 'test' },
    },
  ]);
  const answer = await request(`${collector.url}/v1/logs`, {
    dispatcher,
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: Buffer.from(body ?? []),
  });
  await answer.body.dump();
  await dispatcher.close();
  return answer.statusCode;
};

test('a collector that has started tells local commands, and nobody else, how to reach it', () => {
  expect(statSync(endpointFile).mode & 0o777).toBe(0o600);
  expect(endpoint()).toMatchObject({ url: collector.url, pid: process.pid });
  expect(statSync(join(dataDir, 'collector')).mode & 0o777).toBe(0o700);
});

test('what the engine caches beside its data lies under the data folder too', () => {
  expect(process.cwd()).toBe(realpathSync(join(dataDir, 'collector')));
});

test('an agent enrols, sends a batch, and the API finds it', async () => {
  const { token } = await api('tokens', { kind: 'enroll' });
  await enroll({ dataDir, collectorUrl: collector.url, token, node: 'alpha' });
  expect(await sendLog('a needle in the journal')).toBe(200);
  await vi.waitFor(
    async () => {
      const page = await api('logs?since=15m&grep=needle');
      expect(page.records).toMatchObject([{ node: 'alpha', body: 'a needle in the journal' }]);
    },
    { ...patient, interval: 50 },
  );
  expect(await api('nodes')).toMatchObject([{ node: 'alpha', state: 'online' }]);
  expect(await api('alerts')).toEqual([]);
});

test('the collector tells about itself like everybody else', async () => {
  const latest = async (name: string) => (await api(`metrics/points?name=${name}&since=15m&node=@collector`)).at(-1);
  await vi.waitFor(
    async () => {
      expect((await latest('sextant.collector.ingest.records'))?.value).toBeGreaterThan(0);
      expect(await latest('sextant.collector.memory.usage')).toMatchObject({ node: '@collector', unit: 'By' });
    },
    { ...patient, interval: 100 },
  );
  const names = (await api('metrics')).map((metric: { name: string }) => metric.name);
  expect(names).toEqual(
    expect.arrayContaining([
      'http.server.request.duration',
      'sextant.collector.nodes',
      'sextant.collector.client.records',
      'sextant.collector.client.ack.duration',
    ]),
  );
});

test('a kept connection serves many queries and piles nothing up', async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error) => warnings.push(warning);
  process.on('warning', listen);
  const { url, token, caFile } = endpoint();
  const dispatcher = new Agent({ connections: 1, connect: { ca: readFileSync(caFile) } });
  for (let queries = 0; queries < 20; queries += 1) {
    const answer = await request(`${url}/api/v1/logs?since=1m&limit=1`, {
      dispatcher,
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.statusCode).toBe(200);
    await answer.body.dump();
  }
  await dispatcher.close();
  process.off('warning', listen);
  expect(warnings).toEqual([]);
}, 120_000);

test('a second collector on the same folder is told who holds it', async () => {
  const failure = await start().catch((error) => error);
  expect(failure).toBeInstanceOf(SextantError);
  expect(failure.code).toBe('SX_DATA_FOLDER_HELD');
  expect(failure.message).toMatch(new RegExp(`sextant collector \\(process ${process.pid}`));
});

test('a clean stop takes the endpoint away; a restart knows its nodes and its data, and answers a new token', async () => {
  const before = endpoint();
  const startedMs = performance.now();
  await collector.close();
  expect(performance.now() - startedMs).toBeLessThan(4000);
  expect(existsSync(endpointFile)).toBe(false);

  collector = await start();
  expect(endpoint().token).not.toBe(before.token);
  expect(await api('nodes')).toMatchObject([{ node: 'alpha' }]);
  expect((await api('logs?since=15m&grep=needle')).records).toHaveLength(1);
  // The node's certificate is still good.
  expect(await sendLog('after the restart')).toBe(200);
});

test('a start that fails on a taken port leaves nothing behind that is held', async () => {
  const url = new URL(collector.url);
  const other = mkdtempSync(join(tmpdir(), 'sextant-main-'));
  const taken = loadSettings({ dataDir: other, overrides: { 'collector.port': Number(url.port) } });
  // The engine is bound to one folder a process, so the second one runs in a process of its own.
  const program = `
    import { startCollector } from ${JSON.stringify(new URL('../../../collector/main.ts', import.meta.url).href)};
    import { createLog } from ${JSON.stringify(new URL('../../../logging/log.ts', import.meta.url).href)};
    await startCollector({ dataDir: ${JSON.stringify(other)}, settings: ${JSON.stringify(taken)}, log: createLog('t', 'silent') })
      .catch((error) => console.log(error.line()));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  expect(stdout.trim()).toBe(
    `SX_PORT_TAKEN: port ${url.port} of 127.0.0.1 is in use by another program; free the port or choose another with --port`,
  );
  expect(existsSync(join(other, 'collector', 'endpoint.json'))).toBe(false);
}, 120_000);

test('describes every route that it serves, and nothing that is no route', async () => {
  const { openapi, paths } = await api('openapi.json');
  expect(openapi).toBe('3.1.0');
  const described = Object.entries<object>(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(
      (method) => `${method.toUpperCase()} ${path.replace('{*}', '*').replaceAll(/\{(\w+)\}/g, ':$1')}`,
    ),
  );
  expect(described.sort()).toEqual(Object.keys(operations).sort());
});

test('every schema of a route can be compiled, though each is compiled only when the first request needs it', async () => {
  interface Described {
    parameters?: { name: string; schema: object }[];
    requestBody?: { content: Record<string, { schema: object }> };
  }
  const { paths }: { paths: Record<string, Record<string, Described>> } = await api('openapi.json');
  const schemas = Object.values(paths)
    .flatMap((methods) => Object.values(methods))
    .flatMap(({ parameters = [], requestBody }) => [
      { type: 'object', properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])) },
      ...Object.values(requestBody?.content ?? {}).map(({ schema }) => schema),
    ]);
  expect(schemas.length).toBeGreaterThan(50);
  const compile = ajvCompiler()({}, { customOptions: {} });
  for (const schema of schemas) expect(() => compile({ schema } as never), JSON.stringify(schema)).not.toThrow();
});
