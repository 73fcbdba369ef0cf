import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogRow } from '../../../../collector/api/shapes/logs.ts';
import { readLogFacets } from '../../../../collector/query/log-facets.ts';
import { logFilter } from '../../../../collector/query/log-filter.ts';
import { readLogHistogram } from '../../../../collector/query/log-histogram.ts';
import { readLogPage } from '../../../../collector/query/log-page.ts';
import { streamLogs } from '../../../../collector/query/log-stream.ts';
import { parseRange } from '../../../../collector/query/time-value.ts';
import { startEngine } from './engine.ts';

let engine: Awaited<ReturnType<typeof startEngine>>;
const nowMs = Date.parse('2026-11-20T12:00:00Z');

function record(over: Record<string, unknown>) {
  return {
    Timestamp: '2026-11-20 11:30:00.000000001',
    SeverityNumber: 9,
    ServiceName: 'agent',
    ScopeName: 'files',
    Node: 'node-1',
    Stream: 'logs',
    Epoch: 'e1',
    Sequence: 1,
    ...over,
  };
}

beforeAll(async () => {
  engine = await startEngine();
  await engine.insert(
    'otel_logs',
    Array.from({ length: 5000 }, (_, number) =>
      record({ Body: `same time ${number}`, Sequence: 1 + Math.floor(number / 700) }),
    ),
  );
  await engine.insert('otel_logs', [
    record({
      Timestamp: '2026-11-20 11:00:00.5',
      Body: 'Connection REFUSED by peer',
      SeverityNumber: 17,
      Node: 'node-2',
    }),
    record({
      Timestamp: '2026-11-20 11:00:01',
      Body: '100% of C:\\temp_x',
      LogAttributes: { 'log.file.path': '/var/log/a.log' },
    }),
    record({ Timestamp: '2026-11-20 11:00:02', Body: 'alike' }),
    record({ Timestamp: '2026-11-20 11:00:02', Body: 'alike' }),
    record({ Timestamp: '2026-11-20 11:00:03', Body: 'delivered twice', LogAttributes: { 'log.record.uid': 'u1' } }),
    record({
      Timestamp: '2026-11-20 11:00:03',
      Body: 'delivered twice',
      Epoch: 'e2',
      LogAttributes: { 'log.record.uid': 'u1' },
    }),
  ]);
});
afterAll(() => engine.close());

async function everyPage(order: 'asc' | 'desc', limit: number, input = {}): Promise<LogRow[]> {
  const rows: LogRow[] = [];
  let cursor: string | undefined;
  do {
    const range = parseRange('1d', undefined, nowMs);
    const page = await readLogPage(engine.store, { range, filter: logFilter(input), order, limit, cursor });
    rows.push(...page.records);
    cursor = page.next ?? undefined;
  } while (cursor);
  return rows;
}

test.each(['asc', 'desc'] as const)(
  'pages (%s) give 5,000 records of one time once each, in the order in which they came',
  async (order) => {
    const rows = await everyPage(order, 333, { q: '"same time"' });
    const numbers = rows.map((row) => Number(row.body.split(' ')[2]));
    if (order === 'desc') numbers.reverse();
    expect(numbers).toEqual(Array.from({ length: 5000 }, (_, number) => number));
  },
);

test.each(['asc', 'desc'] as const)('records that are alike are all given, one a page (%s)', async (order) => {
  expect((await everyPage(order, 1, { q: 'alike' })).map((row) => row.body)).toEqual(['alike', 'alike']);
});

test.each([1, 2, 100])('records with one log.record.uid are one record (%s a page)', async (limit) => {
  expect(await everyPage('desc', limit, { q: 'delivered' })).toHaveLength(1);
});

test('what an agent read again under another time, and what a stranger sent again, is one record in every answer', async () => {
  const uid = (name: string) => ({ LogAttributes: { 'log.record.uid': name } });
  await engine.insert('otel_logs', [
    record({ Timestamp: '2026-11-20 11:10:00', Body: 'read again', Epoch: 'e1', Node: 'node-3', ...uid('again') }),
    record({ Timestamp: '2026-11-20 11:11:00', Body: 'read again', Epoch: 'e2', Node: 'node-3', ...uid('again') }),
    ...['11:12:00', '11:12:05'].map((time) =>
      record({
        Timestamp: '2026-11-20 11:12:00',
        Body: 'sent again',
        Node: '',
        Epoch: '',
        Sequence: 0,
        ReceivedAt: `2026-11-20 ${time}`,
        ...uid('sent'),
      }),
    ),
  ]);
  expect((await everyPage('asc', 1, { q: 'again' })).map((row) => row.timestamp)).toEqual([
    '2026-11-20T11:10:00.000000000Z',
    '2026-11-20T11:12:00.000000000Z',
  ]);
  const request = { range: parseRange('1d', undefined, nowMs), filter: logFilter({ q: 'again' }) };
  const { buckets } = await readLogHistogram(engine.store, { ...request, buckets: 24 });
  expect(buckets.reduce((sum, bucket) => sum + (bucket.counts.info ?? 0), 0)).toBe(2);
  expect(await readLogFacets(engine.store, { ...request, fields: ['node'], limit: 5 })).toEqual([
    { field: 'node', values: [{ value: 'node-3', count: 1 }] },
  ]);
});

test('a record says when with nanoseconds, where, how grave, what, and where it was found', async () => {
  expect(await everyPage('asc', 10, { q: 'refused' })).toEqual([
    {
      cursor: expect.any(String),
      timestamp: '2026-11-20T11:00:00.500000000Z',
      node: 'node-2',
      severity: 'error',
      body: 'Connection REFUSED by peer',
      attributes: { 'service.name': 'agent', 'otel.scope.name': 'files' },
    },
  ]);
});

test('a record of an OTLP client says where in a trace it stands and where it ran; what our agents say of that is left out', async () => {
  const said = { TraceId: 'ab'.repeat(16), SpanId: 'cd'.repeat(8), EventName: 'checkout' };
  const client = { ...said, Node: 'otlp:shop', Epoch: '', Stream: '', Sequence: 0 };
  const ResourceAttributes = { 'service.name': 'agent', 'k8s.pod.name': 'shop-1' };
  const own = { 'service.name': 'other', 'otel.scope.name': 'mine' };
  await engine.insert('otel_logs', [
    record({ Timestamp: '2026-11-20 11:20:00', Body: 'told all', ...client, ResourceAttributes }),
    record({ Timestamp: '2026-11-20 11:20:01', Body: 'told all', ...client, ResourceAttributes, LogAttributes: own }),
    record({ Timestamp: '2026-11-20 11:20:02', Body: 'told all', ResourceAttributes }),
  ]);
  const trace = { traceId: said.TraceId, spanId: said.SpanId, eventName: 'checkout' };
  const rows = await everyPage('asc', 10, { q: '"told all"' });
  expect(rows.map(({ cursor, timestamp, node, severity, body, ...row }) => row)).toEqual([
    {
      attributes: { 'service.name': 'agent', 'otel.scope.name': 'files' },
      resource: { 'k8s.pod.name': 'shop-1' },
      ...trace,
    },
    { attributes: own, resource: ResourceAttributes, ...trace },
    { attributes: { 'service.name': 'agent', 'otel.scope.name': 'files' } },
  ]);
  expect((await everyPage('asc', 10, { q: 'k8s.pod.name:shop-1' })).length).toBe(3);
});

test('a stream gives the newest records, oldest of them first', async () => {
  const range = parseRange('15m', String(Date.parse('2026-11-20T11:05:00Z')), Date.parse('2026-11-20T11:05:00Z'));
  const rows: string[] = [];
  const filter = logFilter({ q: '-"same time"' });
  for await (const row of streamLogs(engine.store, { range, filter, order: 'asc', limit: 3 })) rows.push(row.body);
  expect(rows).toEqual(['alike', 'alike', 'delivered twice']);
});
