import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { createJournal } from '../../../../collector/journal/file-journal.ts';
import { receiveRoutes } from '../../../../collector/receive/receive-routes.ts';
import { createStore } from '../../../../collector/store/clickhouse-store.ts';
import type { Store } from '../../../../collector/store/store.ts';
import { checksum } from '../../../../protocol/batch.ts';
import { outcomeHeader, streamHeaders } from '../../../../protocol/headers.ts';
import { patient } from '../../../patience.ts';
import { silentLog as log, startSite } from '../api/site.ts';
import { sequencesIn } from '../journal/memory-sequences.ts';
import { settingsWith } from '../journal/settings.ts';
import { logsRequest } from '../store/otlp-requests.ts';

const root = mkdtempSync(join(tmpdir(), 'sextant-receive-'));
let store: Store;
beforeAll(async () => {
  store = createStore({ folder: join(root, 'engine'), log, settings: settingsWith() });
  await store.start();
});
afterAll(async () => {
  await store.close();
  rmSync(root, { recursive: true, force: true });
});

/** A collector with a node of its own; `post` sends as that node. */
async function openSite(host: string, changes: Parameters<typeof settingsWith>[0] = {}) {
  const settings = settingsWith({
    'collector.journal.closeAfter': 50,
    'collector.storage.minFreeBytes': 0,
    'collector.limits.requestBytes': 64 * 1024,
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
  const site = await startSite({ plugins: [receiveRoutes({ journal, settings, log })] });
  const { cert, key, node } = await site.enrollNode(host);
  const dispatcher = new Agent({ connect: { ca: site.authority.certificatePem, cert, key } });
  onTestFinished(async () => {
    await dispatcher.close();
    await site.close();
    await journal.close();
  });
  const post = async (body: Buffer | string, headers: Record<string, string> = {}, signal = 'logs') => {
    const answer = await request(`https://127.0.0.1:${site.port}/v1/${signal}`, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', ...headers },
      body,
    });
    return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
  };
  const stored = async (): Promise<string[]> => {
    const { rows } = await store.query<{ Body: string }>(
      'SELECT Body FROM otel_logs WHERE Node = {node:String} ORDER BY Body',
      { parameters: { node } },
    );
    return rows.map((row) => row.Body);
  };
  return { site, journal, post, stored };
}

const numbered = (sequence: number): Record<string, string> => ({
  [streamHeaders.stream]: 'logs',
  [streamHeaders.epoch]: '0d9f2f6e-0000-4000-8000-000000000000',
  [streamHeaders.sequence]: String(sequence),
});

test('answers with an empty export response and says whether it had the batch before', async () => {
  const { post, stored } = await openSite('outcome');
  const body = logsRequest([{ body: 'one' }]);
  const first = await post(body, numbered(1));
  expect(first).toMatchObject({ status: 200, body: '', headers: { [outcomeHeader]: 'stored' } });
  expect(first.headers['content-type']).toBe('application/x-protobuf');
  expect((await post(body, numbered(1))).headers[outcomeHeader]).toBe('duplicate');
  await vi.waitFor(async () => expect(await stored()).toEqual(['one']), patient);
});

test('stores with a batch how many numbers before it carried no record', async () => {
  const { post, journal } = await openSite('empty-before');
  const send = (sequence: number, emptyBefore: number) =>
    post(logsRequest([{ body: `${sequence}` }]), {
      ...numbered(sequence),
      [streamHeaders.emptyBefore]: String(emptyBefore),
    });
  for (const [sequence, emptyBefore] of [
    [1, 0],
    [6, 4],
    [9, 1],
  ] as const) {
    expect((await send(sequence, emptyBefore)).status).toBe(200);
  }
  expect(journal.stats()).toMatchObject({ storedBatches: 3, missingBatches: 1 });
  expect((await send(10, 10)).status).toBe(400);
  const sql = 'SELECT Sequence, EmptyBefore FROM otel_logs WHERE Node = {node:String} ORDER BY Sequence';
  await vi.waitFor(async () => {
    const { rows } = await store.query<object>(sql, { parameters: { node: 'empty-before' } });
    expect(rows.map((row) => Object.values(row).map(Number))).toEqual([
      [1, 0],
      [6, 4],
      [9, 1],
    ]);
  }, patient);
});

test('takes every encoding that it names', async () => {
  const { post, stored } = await openSite('encodings');
  const send = (text: string, encode: (body: Buffer) => Buffer, name: string) =>
    post(encode(logsRequest([{ body: text }])), { 'content-encoding': name });
  expect((await send('deflate', deflateSync, 'deflate')).status).toBe(200);
  expect((await send('gzip', gzipSync, 'gzip')).status).toBe(200);
  expect((await send('identity', (body) => body, 'identity')).status).toBe(200);
  expect((await send('zstd', zstdCompressSync, 'zstd')).status).toBe(200);
  const all = ['deflate', 'gzip', 'identity', 'zstd'];
  await vi.waitFor(async () => expect(await stored()).toEqual(all), patient);
});

test('refuses what is no export request, in a Protobuf status, and stores nothing', async () => {
  const { post, journal } = await openSite('malformed');
  const answer = await post(Buffer.from('not protobuf'), numbered(1));
  expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('SX_BAD_OTLP') });
  expect(answer.body.charCodeAt(0)).toBe(0x12);
  expect(answer.headers['content-type']).toBe('application/x-protobuf');
  expect(journal.stats()).toMatchObject({ storedBatches: 0, backlogBytes: 0 });
});

test('refuses what is too large, before and after decompression', async () => {
  const { post } = await openSite('large');
  const large = logsRequest([{ body: 'x'.repeat(100_000) }]);
  expect((await post(large)).status).toBe(413);
  const bomb = gzipSync(large);
  expect(bomb.length).toBeLessThan(1000);
  expect(await post(bomb, { 'content-encoding': 'gzip' })).toMatchObject({
    status: 413,
    body: expect.stringContaining('SX_TOO_LARGE'),
  });
});

test('refuses media types and encodings that it does not know with 415', async () => {
  const { post } = await openSite('media');
  expect(await post('{}', { 'content-type': 'text/plain' })).toMatchObject({
    status: 415,
    body: expect.stringContaining('SX_MEDIA_TYPE'),
  });
  expect((await post(Buffer.alloc(0), { 'content-encoding': 'br' })).status).toBe(415);
});

test('refuses a body that is not what its headers say', async () => {
  const { post } = await openSite('headers');
  const body = logsRequest([{ body: 'x' }]);
  expect((await post(body, { [streamHeaders.crc32]: '00000000' })).status).toBe(400);
  const crc32 = checksum(body).toString(16).padStart(8, '0');
  expect((await post(body, { [streamHeaders.crc32]: crc32 })).status).toBe(200);
  expect((await post(body, { 'content-encoding': 'gzip' })).status).toBe(400);
  expect((await post(body, { [streamHeaders.sequence]: '1' })).status).toBe(400);
  expect((await post(body, { ...numbered(1), [streamHeaders.stream]: 'No Such' })).status).toBe(400);
  expect((await post(body, numbered(0))).status).toBe(400);
});

test('answers 429 with Retry-After when the journal backlog is full', async () => {
  const { post } = await openSite('backlog', { 'collector.journal.maxBacklogBytes': 10 });
  const answer = await post(logsRequest([{ body: 'x' }]));
  expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
});

test('answers 503 with Retry-After while it cannot take anything', async () => {
  const { post, journal } = await openSite('closed');
  await journal.close();
  expect(await post(logsRequest([{ body: 'x' }]))).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
});
