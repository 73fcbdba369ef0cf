import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { createJournal } from '../../../../collector/journal/file-journal.ts';
import { jsonToProtobuf } from '../../../../collector/receive/json/json-to-protobuf.ts';
import { createOtlpReceiver } from '../../../../collector/receive/otlp-receiver.ts';
import { createStore } from '../../../../collector/store/clickhouse-store.ts';
import type { Store } from '../../../../collector/store/store.ts';
import { outcomeHeader, streamHeaders } from '../../../../protocol/headers.ts';
import { patient } from '../../../patience.ts';
import { silentLog as log, startSite } from '../api/site.ts';
import { sequencesIn } from '../journal/memory-sequences.ts';
import { settingsWith } from '../journal/settings.ts';
import { logsRequest } from '../store/otlp-requests.ts';
import { bytes, message } from '../store/wire.ts';

const root = mkdtempSync(join(tmpdir(), 'sextant-otlp-'));
let store: Store;
beforeAll(async () => {
  store = createStore({ folder: join(root, 'engine'), log, settings: settingsWith() });
  await store.start();
});
afterAll(async () => {
  await store.close();
  rmSync(root, { recursive: true, force: true });
});

async function openReceiver(changes: Parameters<typeof settingsWith>[0] = {}, { bodyMs }: { bodyMs?: number } = {}) {
  const settings = settingsWith({
    'collector.journal.closeAfter': 50,
    'collector.storage.minFreeBytes': 0,
    'collector.limits.requestBytes': 64 * 1024,
    'collector.otlp.http.enabled': true,
    'collector.otlp.http.port': 0,
    'collector.otlp.grpc.enabled': true,
    'collector.otlp.grpc.port': 0,
    ...changes,
  });
  const journal = createJournal(
    {
      folder: mkdtempSync(join(root, 'journal-')),
      store,
      state: sequencesIn(),
      log,
      nowMs: Date.now,
      freeBytes: async () => 1e12,
    },
    settings,
  );
  await journal.start();
  const site = await startSite();
  const { certificates, tokens, tls, nowMs } = site;
  const receiver = createOtlpReceiver({
    journal,
    certificates,
    tokens,
    tls,
    settings,
    log,
    nowMs,
    ...(bodyMs && { bodyMs }),
  });
  const ports = await receiver.start();
  const { secret } = tokens.create({ kind: 'ingest', name: 'shop', role: 'viewer', createdBy: 'test' });
  const ca = site.authority.certificatePem;
  const plain = settings['collector.otlp.plain'];
  const dispatcher = new Agent({ connect: { ca } });
  onTestFinished(async () => {
    await dispatcher.destroy();
    await receiver.close();
    await journal.close();
  });
  const post = async (
    body: Buffer | string,
    { headers = {}, method = 'POST', through = dispatcher, signal = 'logs' }: PostOptions = {},
  ) => {
    const answer = await request(`${plain ? 'http' : 'https'}://127.0.0.1:${ports.http}/v1/${signal}`, {
      dispatcher: through,
      method: method as 'POST',
      headers: { 'content-type': 'application/x-protobuf', authorization: `Bearer ${secret}`, ...headers },
      ...(method === 'GET' ? {} : { body }),
    });
    return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
  };
  const call = (
    body: Buffer,
    { token = secret, certificate, gzip }: { token?: string; certificate?: Keys; gzip?: boolean } = {},
  ) => grpcCall(ports.grpc ?? 0, body, { token, certificate, gzip, ca, plain });
  const stored = async (node: string): Promise<string[]> => {
    const { rows } = await store.query<{ Body: string }>(
      'SELECT Body FROM otel_logs WHERE Node = {node:String} ORDER BY Body',
      { parameters: { node } },
    );
    return rows.map((row) => row.Body);
  };
  return { site, ports, journal, receiver, post, call, stored, secret, ca, tokens, name: 'otlp:shop' };
}

interface PostOptions {
  headers?: Record<string, string>;
  method?: string;
  through?: Agent;
  signal?: string;
}
interface Keys {
  cert: string;
  key: string;
}

async function grpcCall(
  port: number,
  body: Buffer,
  options: { token: string; certificate?: Keys | undefined; gzip?: boolean | undefined; ca: string; plain: boolean },
): Promise<{ code: number; details: string; retryInfo: boolean; answer: string }> {
  const { certificate } = options;
  const secure = certificate
    ? credentials.createSsl(Buffer.from(options.ca), Buffer.from(certificate.key), Buffer.from(certificate.cert))
    : credentials.createSsl(Buffer.from(options.ca));
  const client = new Client(`127.0.0.1:${port}`, options.plain ? credentials.createInsecure() : secure, {
    ...(options.gzip && { 'grpc.default_compression_algorithm': 2 }),
  });
  const metadata = new Metadata();
  if (options.token !== '') metadata.set('authorization', `Bearer ${options.token}`);
  const same = (bytes: Buffer) => bytes;
  const path = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';
  try {
    return await new Promise((resolve) => {
      client.makeUnaryRequest(path, same, same, body, metadata, (error: ServiceError | null, answer?: Buffer) => {
        const [details] = error?.metadata.get('grpc-status-details-bin') ?? [];
        const retryInfo = String(details ?? '').includes('google.rpc.RetryInfo');
        resolve({ code: error?.code ?? 0, details: error?.details ?? '', retryInfo, answer: String(answer) });
      });
    });
  } finally {
    client.close();
  }
}

const one = (text: string): Buffer => logsRequest([{ body: text }]);
const jsonOf = (text: string): string =>
  `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"${text}"}}]}]}]}`;
const json = { 'content-type': 'application/json; charset=utf-8' };

test('stores what a sender with a token sends under its name, over HTTP and gRPC', async () => {
  const { post, call, stored, name } = await openReceiver();
  const protobuf = await post(one('protobuf'), { headers: { 'content-type': 'application/x-protobuf; v=1' } });
  expect(protobuf).toMatchObject({ status: 200, body: '' });
  expect(protobuf.headers['content-type']).toBe('application/x-protobuf');
  const inJson = await post(jsonOf('json'), { headers: json });
  expect(inJson).toMatchObject({ status: 200, body: '{}' });
  expect(inJson.headers['content-type']).toBe('application/json');
  expect((await post(gzipSync(jsonOf('zipped')), { headers: { ...json, 'content-encoding': 'gzip' } })).status).toBe(
    200,
  );
  expect(await call(one('grpc'))).toMatchObject({ code: status.OK });
  expect(await call(one('grpc zipped'), { gzip: true })).toMatchObject({ code: status.OK });
  const all = ['grpc', 'grpc zipped', 'json', 'protobuf', 'zipped'];
  await vi.waitFor(async () => expect(await stored(name)).toEqual(all), patient);
});

test('takes an empty request of either format, and over gRPC', async () => {
  const { post, call } = await openReceiver();
  expect((await post(Buffer.alloc(0))).status).toBe(200);
  expect((await post('{}', { headers: json })).status).toBe(200);
  expect((await call(Buffer.alloc(0))).code).toBe(status.OK);
});

test('stores what an enrolled node sends under its own name, until it is revoked', async () => {
  const { site, ca, ports, call, stored } = await openReceiver();
  const { cert, key, node } = await site.enrollNode('beta');
  const dispatcher = new Agent({ connect: { ca, cert, key } });
  onTestFinished(() => dispatcher.close());
  const send = async (text: string): Promise<number> => {
    const answer = await request(`https://127.0.0.1:${ports.http}/v1/logs`, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: one(text),
    });
    await answer.body.dump();
    return answer.statusCode;
  };
  const certificate = { cert, key };
  expect(await send('http')).toBe(200);
  expect((await call(one('grpc'), { token: '', certificate })).code).toBe(status.OK);
  await vi.waitFor(async () => expect(await stored(node)).toEqual(['grpc', 'http']), patient);
  expect(
    (await site.call('POST', `/api/v1/nodes/${node}/revoke`, { headers: site.asAdministrator })).status,
  ).toBeLessThan(300);
  expect(await send('late')).toBe(403);
  expect((await call(one('late'), { token: '', certificate })).code).toBe(status.UNAUTHENTICATED);
});

test('lets nobody in without proof, and says so in the format of the request', async () => {
  const { post, call, tokens, site, secret } = await openReceiver();
  const { secret: user } = tokens.create({ kind: 'api', name: 'x', role: 'administrator', createdBy: 'test' });
  const { secret: short } = tokens.create({
    kind: 'ingest',
    name: 'x',
    role: 'viewer',
    createdBy: 'test',
    ttlMs: 1000,
  });
  site.clock.offsetMs = 2000;
  for (const authorization of ['', 'Bearer nonsense', 'Basic eDp5', `Bearer ${user}`, `Bearer ${short}`]) {
    const answer = await post(one('x'), { headers: { authorization } });
    expect(answer, authorization).toMatchObject({ status: 401, body: expect.stringContaining('SX_UNAUTHENTICATED') });
    const inJson = await post(jsonOf('x'), { headers: { ...json, authorization } });
    expect(JSON.parse(inJson.body).message).toContain('SX_UNAUTHENTICATED');
  }
  for (const token of ['', 'nonsense', user, short]) {
    expect(await call(one('x'), { token })).toMatchObject({ code: status.UNAUTHENTICATED });
  }
  expect((await post(one('x'))).status).toBe(200);
  const entry = tokens.list().find(({ kind }) => kind === 'ingest');
  const answer = await site.call('DELETE', `/api/v1/tokens/${entry?.id}`, { headers: site.asAdministrator });
  expect(answer.status).toBe(204);
  expect((await post(one('x'))).status).toBe(401);
  expect((await call(one('x'), { token: secret })).code).toBe(status.UNAUTHENTICATED);
});

test('a sender’s token opens nothing but OTLP', async () => {
  const { site, secret } = await openReceiver();
  const headers = { authorization: `Bearer ${secret}` };
  expect((await site.call('GET', '/api/v1/nodes', { headers })).status).toBe(401);
  expect((await site.call('POST', '/agent/v1/renew', { headers, body: { csr: 'x' } })).status).toBe(403);
});

test('a sender cannot write as a node, nor number batches', async () => {
  const { post, stored, name } = await openReceiver();
  const headers = {
    [streamHeaders.stream]: 'logs',
    [streamHeaders.epoch]: '0d9f2f6e-0000-4000-8000-000000000000',
    [streamHeaders.sequence]: '1',
  };
  for (const text of ['numbered once', 'numbered twice']) {
    expect((await post(one(text), { headers })).headers[outcomeHeader]).toBe('stored');
  }
  await vi.waitFor(async () => expect(await stored(name)).toContain('numbered twice'), patient);
});

test('refuses for good what never will be taken: 400, 405, 413, 415', async () => {
  const { post, call } = await openReceiver();
  const broken = await post('{"resourceLogs":[{]}', { headers: json });
  expect(broken.status).toBe(400);
  expect(broken.headers['content-type']).toBe('application/json');
  expect(JSON.parse(broken.body).message).toMatch(/SX_BAD_OTLP.*at byte 18/);
  expect(await call(Buffer.from('not protobuf'))).toMatchObject({ code: status.INVALID_ARGUMENT, retryInfo: false });
  expect(await post('', { method: 'GET' })).toMatchObject({ status: 405, headers: { allow: 'POST' } });
  expect((await post('x', { headers: { 'content-type': 'text/plain' } })).status).toBe(415);
  for (const encoding of ['br', 'gzip, gzip', 'constructor'])
    expect((await post('', { headers: { 'content-encoding': encoding } })).status, encoding).toBe(415);
  const large = one('x'.repeat(100_000));
  expect((await post(large)).status).toBe(413);
  expect((await post(gzipSync(large), { headers: { 'content-encoding': 'gzip' } })).status).toBe(413);
  const bomb = gzipSync(jsonOf('x'.repeat(100_000)));
  expect((await post(bomb, { headers: { ...json, 'content-encoding': 'gzip' } })).status).toBe(413);
  for (const gzip of [false, true]) {
    expect(await call(large, { gzip })).toMatchObject({ code: status.RESOURCE_EXHAUSTED, retryInfo: false });
  }
});

test('warns in a partial success of what it left out of records that it took', async () => {
  const { post, call } = await openReceiver();
  const nested = (levels: number): string =>
    `${'{"arrayValue":{"values":['.repeat(levels)}{"intValue":"1"}${']}}'.repeat(levels)}`;
  const requestWith = (levels: number): string =>
    `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${nested(levels)}}]}]}]}`;
  const warning = 'parts of values left out: 1, nested deeper than 32 levels or too large as text';

  const inJson = await post(requestWith(40), { headers: json });
  expect(inJson.status).toBe(200);
  expect(JSON.parse(inJson.body)).toEqual({ partialSuccess: { errorMessage: warning } });
  expect(await post(requestWith(32), { headers: json })).toMatchObject({ status: 200, body: '{}' });

  const protobuf = jsonToProtobuf('logs', Buffer.from(requestWith(40)), { maxBytes: 1e5 });
  // An ExportLogsServiceResponse whose partial_success has an error_message and rejects nothing.
  const response = message(1, bytes(2, warning)).toString();
  expect(await post(protobuf)).toMatchObject({ status: 200, body: response });
  expect(await call(protobuf)).toMatchObject({ code: status.OK, answer: response });
});

test('asks to come again while the journal is full', async () => {
  const { post, call } = await openReceiver({ 'collector.journal.maxBacklogBytes': 10 });
  expect(await post(one('x'))).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
  expect(await call(one('x'))).toMatchObject({ code: status.RESOURCE_EXHAUSTED, retryInfo: true });
});

test('asks to come again while it can take nothing', async () => {
  const { post, call, journal } = await openReceiver();
  await journal.close();
  expect(await post(jsonOf('x'), { headers: json })).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  expect(await call(one('x'))).toMatchObject({ code: status.UNAVAILABLE, retryInfo: true });
});

test('takes plain text on loopback without proof, and nowhere else', async () => {
  const plain = { 'collector.otlp.plain': true, 'collector.otlp.listen': '127.0.0.1' } as const;
  const { ports, call, stored } = await openReceiver(plain);
  const answer = await request(`http://127.0.0.1:${ports.http}/v1/logs`, {
    method: 'POST',
    headers: json,
    body: jsonOf('plain http'),
  });
  expect(answer.statusCode).toBe(200);
  await answer.body.dump();
  expect((await call(one('plain grpc'), { token: '' })).code).toBe(status.OK);
  const all = ['plain grpc', 'plain http'];
  await vi.waitFor(async () => expect(await stored('otlp:loopback')).toEqual(all), patient);
  for (const host of ['0.0.0.0', '::', 'localhost', '10.0.0.1']) {
    const opened = openReceiver({ ...plain, 'collector.otlp.listen': host });
    await expect(opened, host).rejects.toMatchObject({ code: 'SX_CONFIG_INVALID' });
  }
});

test('cuts off who stalls in the middle of a request', async () => {
  const plain = { 'collector.otlp.plain': true, 'collector.otlp.listen': '127.0.0.1' } as const;
  const { ports, post } = await openReceiver(plain, { bodyMs: 200 });
  const socket = connect(ports.http ?? 0, '127.0.0.1');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  socket.write('POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{');
  await closed;
  expect((await post('{}', { headers: json })).status).toBe(200);
});

test('says which setting names a port that is taken', async () => {
  const { ports } = await openReceiver();
  await expect(openReceiver({ 'collector.otlp.http.port': ports.http ?? 0 })).rejects.toMatchObject({
    code: 'SX_PORT_TAKEN',
    nextStep: expect.stringContaining('collector.otlp.http.port'),
  });
});
