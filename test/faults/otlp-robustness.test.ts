import { connect, type Socket } from 'node:net';
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

const jsonRequest = (text: string): string =>
  JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: text } }] }] }] });

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

test('clients that stall keep nobody else out', async () => {
  const stalled: Socket[] = [];
  for (const port of [site.ports.http, site.ports.grpc]) {
    for (let i = 0; i < 100; i++) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(
        'POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{',
      );
      stalled.push(socket);
    }
  }
  expect(await post(jsonRequest('among stalled'))).toBe(200);
  for (const socket of stalled) socket.destroy();
});

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
