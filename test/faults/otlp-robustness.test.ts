import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startOtlpSite } from '../interop/otlp-site.ts';
import { count, long } from '../long.ts';
import { logsRequest } from '../unit/collector/store/otlp-requests.ts';

const MiB = 1024 * 1024;
let site: Awaited<ReturnType<typeof startOtlpSite>>;
let agent: Agent;
beforeAll(async () => {
  site = await startOtlpSite({
    'collector.otlp.plain': true,
    'collector.otlp.listen': '127.0.0.1',
    'collector.limits.requestBytes': 8 * MiB,
  });
  agent = new Agent({ connections: 256 });
});
afterAll(async () => {
  await agent.destroy();
  await site.close();
});

const jsonRequest = (body: string): string =>
  JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: body } }] }] }] });

async function post(
  body: Buffer | string,
  headers: Record<string, string> = { 'content-type': 'application/json' },
  signal = 'logs',
): Promise<number> {
  const answer = await request(`http://127.0.0.1:${site.ports.http}/v1/${signal}`, {
    dispatcher: agent,
    method: 'POST',
    headers,
    body,
  });
  await answer.body.dump();
  return answer.statusCode;
}

test('200 clients at once: each record is stored', async () => {
  const clients = [...Array(200).keys()];
  const statuses = await Promise.all(
    clients.map(async (client) => {
      const answers: number[] = [];
      for (const round of [1, 2, 3]) answers.push(await post(jsonRequest(`client ${client} round ${round}`)));
      return answers;
    }),
  );
  expect(new Set(statuses.flat())).toEqual(new Set([200]));
  const [{ Records }] = await site.rows(
    "SELECT count(DISTINCT Body) AS Records FROM otel_logs WHERE Body LIKE 'client %' HAVING Records = 600",
  );
  expect(Records).toBe(600);
}, 60_000);

/** A call of gRPC with its headers sent; the message is for the caller to write. */
function openCall(session: ClientHttp2Session): ClientHttp2Stream {
  const call = session.request({
    ':method': 'POST',
    ':path': '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  return call.on('error', () => undefined);
}
const framed = (message: Buffer): Buffer => {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
};

test('clients that stall keep nobody else out, slow ones are served, by HTTP and gRPC', async () => {
  const { http, grpc } = site.ports;
  const head = (length: number): string =>
    `POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n`;
  const stalled: Socket[] = [];
  const sessions: ClientHttp2Session[] = [];
  for (let i = 0; i < 100; i++) {
    const socket = connect(http, '127.0.0.1').on('error', () => undefined);
    socket.write(`${head(5000)}{`);
    stalled.push(socket);
    const session = connectHttp2(`http://127.0.0.1:${grpc}`).on('error', () => undefined);
    openCall(session).write(framed(Buffer.alloc(5000)).subarray(0, 6));
    sessions.push(session);
  }

  // One writes its body a few bytes at a time by each way.
  const body = jsonRequest('slow by http');
  const slow = connect(http, '127.0.0.1');
  const answered = text(slow);
  const session = connectHttp2(`http://127.0.0.1:${grpc}`);
  sessions.push(session);
  const call = openCall(session);
  const trailers = once(call, 'trailers');
  call.resume();
  slow.write(head(body.length));
  const message = framed(logsRequest([{ body: 'slow by grpc' }]));
  for (let part = 0; part < 20; part++) {
    const piece = (whole: Buffer): Buffer =>
      whole.subarray((part * whole.length) / 20, ((part + 1) * whole.length) / 20);
    slow.write(piece(Buffer.from(body)));
    call.write(piece(message));
    await pause(10);
  }
  call.end();
  expect(await post(jsonRequest('among stalled'))).toBe(200);
  expect(await answered).toMatch(/^HTTP\/1.1 200 /);
  expect((await trailers)[0]).toMatchObject({ 'grpc-status': '0' });
  for (const socket of stalled) socket.destroy();
  for (const one of sessions) one.destroy();
  await site.rows(
    "SELECT count() AS Records FROM otel_logs WHERE Body IN ('slow by http', 'slow by grpc', 'among stalled') HAVING Records = 3",
  );
}, 60_000);

test('gzip bombs at once: each is refused, and memory is bounded', async () => {
  const bomb = gzipSync(Buffer.alloc(512 * MiB, ' '), { level: 9 });
  expect(bomb.length).toBeLessThan(MiB);
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  const before = process.memoryUsage.rss();
  let highest = before;
  const watch = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage.rss());
  }, 5);
  const statuses = await Promise.all([...Array(count(50, 200)).keys()].map(() => post(bomb, headers)));
  clearInterval(watch);
  for (const status of statuses) expect([413, 503]).toContain(status);
  expect(statuses).toContain(413);
  // A single bomb is as large as this.
  expect(highest - before).toBeLessThan(512 * MiB);
  expect(await post(jsonRequest('after the bombs'))).toBe(200);
}, 120_000);

const seeds: [signal: string, type: string, body: Buffer][] = [
  ['logs', 'application/json', Buffer.from(jsonRequest('seed'))],
  ['logs', 'application/x-protobuf', logsRequest([{ body: 'seed', attributes: { a: [1, { b: 2.5 }] } }])],
  [
    'metrics',
    'application/json',
    Buffer.from(
      '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","exponentialHistogram":{"dataPoints":[{"count":"3","scale":-1,"positive":{"offset":1,"bucketCounts":["1","2"]},"min":1e-3}]}}]}]}]}',
    ),
  ],
  [
    'traces',
    'application/json',
    Buffer.from(
      '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","kind":2,"events":[{"name":"\\u00e9"}],"status":{"code":1}}]}]}]}',
    ),
  ],
];

const encodings = ['identity', 'gzip', 'deflate', 'zstd', 'br'];
const cut = fc.record({ at: fc.nat(400), remove: fc.nat(6), insert: fc.uint8Array({ maxLength: 6 }) });
const mutations = fc.record({
  seed: fc.constantFrom(...seeds),
  cuts: fc.array(cut, { maxLength: 4 }),
  repeat: fc.integer({ min: 1, max: 3 }),
  encoding: fc.oneof({ arbitrary: fc.constant('identity'), weight: 8 }, fc.constantFrom(...encodings)),
});

test('mutated requests: an answer each, no 5xx but 503, no growth in memory', async () => {
  const total = count(1000, 100_000);
  const parallel = 20;
  const seen = new Map<number, number>();
  let sent = 0;
  let settledRss = 0;
  const cases = fc.sample(mutations, { numRuns: Math.min(total, 20_000), seed: 42 });
  for (let round = 0; sent < total; round++) {
    const batch = cases.slice((round * parallel) % cases.length, ((round * parallel) % cases.length) + parallel);
    const statuses = await Promise.all(
      batch.map(({ seed: [signal, type, body], cuts, repeat, encoding }, index) => {
        let bytes = Buffer.concat(Array(repeat).fill(body));
        // Another place each time that the cases come round again.
        const shift = Math.floor((round * parallel) / cases.length) * 7 + index;
        for (const { at, remove, insert } of cuts) {
          const place = (at + shift) % (bytes.length + 1);
          bytes = Buffer.concat([bytes.subarray(0, place), insert, bytes.subarray(place + remove)]);
        }
        return post(bytes, { 'content-type': type, 'content-encoding': encoding }, signal);
      }),
    );
    for (const status of statuses) seen.set(status, (seen.get(status) ?? 0) + 1);
    sent += statuses.length;
    if (settledRss === 0 && sent >= total / 2) settledRss = process.memoryUsage.rss();
  }
  const bad = [...seen.keys()].filter((status) => ![200, 400, 413, 415, 429, 503].includes(status));
  expect(bad, JSON.stringify([...seen])).toEqual([]);
  expect(seen.get(200)).toBeGreaterThan(0);
  expect(seen.get(400)).toBeGreaterThan(0);
  await pause(long ? 2000 : 200);
  const grown = process.memoryUsage.rss() - settledRss;
  if (long) console.log(`${sent} requests, ${JSON.stringify([...seen])}, ${(grown / MiB).toFixed(0)} MiB grown`);
  // The engine and this client live in the same process; the second half of the requests leaves nothing behind.
  expect(grown).toBeLessThan(200 * MiB);
  expect(await post(jsonRequest('after the mutations'))).toBe(200);
}, 1_800_000);
