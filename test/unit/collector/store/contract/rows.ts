import { afterAll, beforeAll, expect, test } from 'vitest';
import { spellOutDeepValues } from '../../../../../collector/receive/deep-values.ts';
import { walkRequest } from '../../../../../collector/receive/walk.ts';
import type { Signal } from '../../../../../protocol/headers.ts';
import { bytes, double, fixed32, fixed64, message, pair, varint, zigzag } from '../wire.ts';
import type { StoreSite } from './store-site.ts';

/** Every field of every signal is kept, whichever way the engine is reached. */
export function rowsContract(open: () => Promise<StoreSite>): void {
  let site: StoreSite;
  beforeAll(async () => {
    site = await open();
  });
  afterAll(() => site.close());

  const at = 1_790_000_000_123_456_789n;
  const time = '2026-09-21 14:13:20.123456789';
  const traceId = Buffer.from('0102030405060708090a0b0c0d0e0f10', 'hex');
  const spanId = Buffer.from('1112131415161718', 'hex');
  const resource = message(1, pair(1, 'service.name', 'svc'), pair(1, 'host.name', 'h1'));
  const scope = message(1, bytes(1, 'scope'), bytes(2, '1.2'), pair(3, 'sk', 'sv'), varint(4, 3));
  const request = (...items: Buffer[]): Buffer =>
    message(1, resource, message(2, scope, ...items, bytes(3, 'scope-url')), bytes(3, 'resource-url'));
  const metric = (name: string, data: Buffer): Buffer =>
    request(message(2, bytes(1, name), bytes(2, 'told'), bytes(3, 'By'), data));
  const common = {
    ResourceAttributes: { 'service.name': 'svc', 'host.name': 'h1' },
    ScopeName: 'scope',
    ScopeVersion: '1.2',
    ServiceName: 'svc',
    Node: 'node-1',
    Stream: 'logs',
    Epoch: 'e1',
    Sequence: 7,
    ReceivedAt: '2026-09-21 14:13:20.000000000',
  };
  const commonMetric = {
    ...common,
    EmptyBefore: 2,
    ResourceSchemaUrl: 'resource-url',
    ScopeSchemaUrl: 'scope-url',
    ScopeAttributes: { sk: 'sv' },
    ScopeDroppedAttrCount: 3,
    MetricDescription: 'told',
    MetricUnit: 'By',
    Attributes: { k: 'v' },
    StartTimeUnix: '2026-09-21 14:13:19.123456789',
    TimeUnix: time,
  };
  const exemplarColumns = {
    'Exemplars.FilteredAttributes': [{ f: 'g' }],
    'Exemplars.TimeUnix': [time],
    'Exemplars.Value': [2.5],
    'Exemplars.SpanId': ['1112131415161718'],
    'Exemplars.TraceId': ['0102030405060708090a0b0c0d0e0f10'],
  };
  const exemplar = (field: number): Buffer =>
    message(field, pair(7, 'f', 'g'), fixed64(2, at), double(3, 2.5), bytes(4, spanId), bytes(5, traceId));
  const times = [fixed64(2, at - 1_000_000_000n), fixed64(3, at)];

  async function stored(signal: Signal, table: string, otlp: Buffer): Promise<Record<string, unknown>[]> {
    const { outline, deep } = walkRequest(signal, otlp);
    const taken = deep ? spellOutDeepValues(signal, otlp, { maxBytes: 1e6 }).bytes : otlp;
    const file = { ...site.writeFile(signal, [taken]), outline };
    await site.store.insertJournalFile(file);
    const number = Number(/\d{20}/.exec(file.name)?.[0]);
    const { rows } = await site.store.query<Record<string, unknown>>(
      `SELECT * EXCEPT JournalFile FROM ${table} WHERE JournalFile = {number:UInt64}`,
      { parameters: { number } },
    );
    return rows;
  }

  test('keeps every field of a log record', async () => {
    const record = message(
      2,
      fixed64(1, at),
      fixed64(11, at + 5n),
      varint(2, 17),
      bytes(3, 'ERROR'),
      message(5, bytes(1, 'it broke')),
      pair(6, 'k', 'v'),
      varint(7, 2),
      fixed32(8, 1),
      bytes(9, traceId),
      bytes(10, spanId),
      bytes(12, 'an.event'),
    );
    expect(await stored('logs', 'otel_logs', request(record))).toEqual([
      {
        ...common,
        EmptyBefore: 2,
        Timestamp: time,
        TraceId: traceId.toString('hex'),
        SpanId: spanId.toString('hex'),
        TraceFlags: 1,
        SeverityText: 'ERROR',
        SeverityNumber: 17,
        Body: 'it broke',
        ResourceSchemaUrl: 'resource-url',
        ScopeSchemaUrl: 'scope-url',
        ScopeAttributes: { sk: 'sv' },
        LogAttributes: { k: 'v' },
        EventName: 'an.event',
      },
    ]);
  });

  test('gives each record the attributes that its ScopeLogs carries for all, before its own', async () => {
    const list = message(6, bytes(1, 'list'), message(2, message(5, message(1, bytes(1, 'a')))));
    // Texts are what there is; any other value is none.
    const carried = [pair(20, 'path', '/a'), message(20, bytes(1, 'n'), message(2, varint(3, 7)))];
    const records = [
      message(2, fixed64(1, at), pair(6, 'own', '1')),
      message(2, fixed64(1, at + 1n)),
      message(2, fixed64(1, 4_000_000_000_000_000_000n), pair(6, 'own', '3')),
    ];
    const of = (...scopes: Buffer[]): Buffer => message(1, resource, ...scopes);
    const sent = of(
      message(2, scope, ...records, ...carried),
      message(2, scope, message(2, fixed64(1, at + 2n), pair(6, 'own', '4'))),
      message(2, pair(20, 'path', '/b'), message(2, fixed64(1, at + 3n), list)),
    );
    const plain = of(message(2, scope, message(2, fixed64(1, at), pair(6, 'own', '1'))));
    // The one whose time cannot be believed comes first, at the time of receipt.
    const byTime = (row: Record<string, unknown>): string => String(row.Timestamp);
    const rows = (await stored('logs', 'otel_logs', sent)).sort((a, b) => (byTime(a) < byTime(b) ? -1 : 1));
    expect(rows.map(({ LogAttributes }) => LogAttributes)).toEqual([
      { path: '/a', n: '', own: '3', 'sextant.told_time_unix_nano': '4000000000000000000' },
      { path: '/a', n: '', own: '1' },
      { path: '/a', n: '' },
      { own: '4' },
      { path: '/b', list: '["a"]' },
    ]);
    expect(rows.map(({ ScopeAttributes }) => ScopeAttributes)).toEqual([...Array(4).fill({ sk: 'sv' }), {}]);
    const [alone] = await stored('logs', 'otel_logs', plain);
    expect({ ...rows[1], LogAttributes: { own: '1' } }).toEqual(alone);
  });

  test('takes the observed time of a record that has no time of its own', async () => {
    const [row] = await stored('logs', 'otel_logs', request(message(2, fixed64(11, at))));
    expect(row).toMatchObject({ Timestamp: time, Body: '' });
  });

  test('stores a record whose clock is wrong under the time of receipt, and keeps what it told', async () => {
    const far = message(2, fixed64(1, 4_000_000_000_000_000_000n));
    const long = message(2, fixed64(1, at - 401n * 86_400_000_000_000n));
    const none = message(2, bytes(3, 'INFO'));
    const rows = await stored('logs', 'otel_logs', request(far, long, none));
    expect(rows.map((row) => row.Timestamp)).toEqual(Array(3).fill('2026-09-21 14:13:20.000000000'));
    expect(rows.map((row) => row.LogAttributes)).toEqual([
      { 'sextant.told_time_unix_nano': '4000000000000000000' },
      { 'sextant.told_time_unix_nano': String(at - 401n * 86_400_000_000_000n) },
      { 'sextant.told_time_unix_nano': '0' },
    ]);
  });

  test('tells every kind of value from an unset one', async () => {
    const value = (key: string, ...parts: Buffer[]): Buffer => message(6, bytes(1, key), message(2, ...parts));
    const list = (...values: Buffer[]): Buffer => message(5, ...values.map((one) => message(1, one)));
    const map = (key: string, one: Buffer): Buffer => message(6, message(1, bytes(1, key), message(2, one)));
    const [row] = await stored(
      'logs',
      'otel_logs',
      request(
        message(
          2,
          fixed64(1, at),
          message(5, map('deep', list(map('x', bytes(1, 'y'))))),
          value('text', bytes(1, 'a')),
          value('no text', bytes(1, '')),
          value('true', varint(2, 1)),
          value('false', varint(2, 0)),
          value('zero', varint(3, 0)),
          value('minus', varint(3, -5)),
          value('large', varint(3, 9_223_372_036_854_775_807n)),
          value('double', double(4, 0.1)),
          value('no number', double(4, Number.NaN)),
          value('bytes', bytes(7, Buffer.from([0, 255]))),
          value(
            'list',
            list(bytes(1, 'q"uote'), varint(3, 1), varint(2, 1), double(4, 1.5), bytes(7, 'b'), Buffer.alloc(0)),
          ),
          value('no list', message(5)),
          value('no map', message(6)),
          value('infinite', list(double(4, Number.POSITIVE_INFINITY))),
          value('unset'),
          message(6, bytes(1, 'no value')),
        ),
      ),
    );
    expect(row).toMatchObject({
      LogAttributes: {
        text: 'a',
        'no text': '',
        true: 'true',
        false: 'false',
        zero: '0',
        minus: '-5',
        large: '9223372036854775807',
        double: '0.1',
        'no number': 'nan',
        bytes: 'AP8=',
        list: '["q\\"uote",1,true,1.5,"Yg==",null]',
        'no list': '[]',
        'no map': '{}',
        infinite: '["inf"]',
        unset: '',
        'no value': '',
      },
    });
    expect(row?.Body).toBe('{"deep":[{"x":"y"}]}');
  });

  test('keeps every field of a gauge, whole numbers and doubles', async () => {
    const point = (value: Buffer): Buffer => message(1, pair(7, 'k', 'v'), ...times, value, exemplar(5), varint(8, 1));
    const rows = await stored(
      'metrics',
      'otel_metrics_gauge',
      metric('g', message(5, point(double(4, 1.25)), point(fixed64(6, -3n)))),
    );
    const row = { ...commonMetric, MetricName: 'g', Flags: 1, ...exemplarColumns };
    expect(rows).toEqual([
      { ...row, Value: 1.25 },
      { ...row, Value: -3 },
    ]);
  });

  test('keeps every field of a sum', async () => {
    const point = message(1, pair(7, 'k', 'v'), ...times, fixed64(6, 9n), exemplar(5), varint(8, 1));
    expect(
      await stored('metrics', 'otel_metrics_sum', metric('s', message(7, point, varint(2, 2), varint(3, 1)))),
    ).toEqual([
      {
        ...commonMetric,
        MetricName: 's',
        Flags: 1,
        ...exemplarColumns,
        Value: 9,
        AggregationTemporality: 2,
        IsMonotonic: true,
      },
    ]);
  });

  test('keeps every field of a histogram', async () => {
    const packed = (field: number, values: bigint[]): Buffer =>
      bytes(field, Buffer.concat(values.map((value) => fixed64(1, value).subarray(1))));
    const point = message(
      1,
      pair(9, 'k', 'v'),
      ...times,
      fixed64(4, 6n),
      double(5, 12.5),
      packed(6, [1n, 2n, 3n]),
      double(7, 0.5),
      double(7, 1.5),
      exemplar(8),
      varint(10, 1),
      double(11, 0.25),
      double(12, 2.25),
    );
    expect(await stored('metrics', 'otel_metrics_histogram', metric('h', message(9, point, varint(2, 1))))).toEqual([
      {
        ...commonMetric,
        MetricName: 'h',
        Flags: 1,
        ...exemplarColumns,
        Count: 6,
        Sum: 12.5,
        BucketCounts: [1, 2, 3],
        ExplicitBounds: [0.5, 1.5],
        Min: 0.25,
        Max: 2.25,
        AggregationTemporality: 1,
      },
    ]);
  });

  test('keeps every field of an exponential histogram', async () => {
    const point = message(
      1,
      pair(1, 'k', 'v'),
      ...times,
      fixed64(4, 6n),
      double(5, 12.5),
      zigzag(6, -2),
      fixed64(7, 4n),
      message(8, zigzag(1, -7), varint(2, 1), varint(2, 300)),
      message(9, zigzag(1, 3), bytes(2, Buffer.from([5, 6]))),
      varint(10, 1),
      exemplar(11),
      double(12, 0.25),
      double(13, 2.25),
    );
    expect(
      await stored('metrics', 'otel_metrics_exponential_histogram', metric('e', message(10, point, varint(2, 1)))),
    ).toEqual([
      {
        ...commonMetric,
        MetricName: 'e',
        Flags: 1,
        ...exemplarColumns,
        Count: 6,
        Sum: 12.5,
        Scale: -2,
        ZeroCount: 4,
        PositiveOffset: -7,
        PositiveBucketCounts: [1, 300],
        NegativeOffset: 3,
        NegativeBucketCounts: [5, 6],
        Min: 0.25,
        Max: 2.25,
        AggregationTemporality: 1,
      },
    ]);
  });

  test('keeps every field of a summary', async () => {
    const quantile = (q: number, value: number): Buffer => message(6, double(1, q), double(2, value));
    const point = message(
      1,
      pair(7, 'k', 'v'),
      ...times,
      fixed64(4, 6n),
      double(5, 12.5),
      quantile(0.5, 1),
      quantile(0.9, 4),
      varint(8, 1),
    );
    expect(await stored('metrics', 'otel_metrics_summary', metric('q', message(11, point)))).toEqual([
      {
        ...commonMetric,
        MetricName: 'q',
        Flags: 1,
        Count: 6,
        Sum: 12.5,
        'ValueAtQuantiles.Quantile': [0.5, 0.9],
        'ValueAtQuantiles.Value': [1, 4],
      },
    ]);
  });

  test('keeps every field of a span', async () => {
    const span = message(
      2,
      bytes(1, traceId),
      bytes(2, spanId),
      bytes(3, 'state'),
      bytes(4, spanId),
      fixed32(16, 1),
      bytes(5, 'GET /'),
      varint(6, 2),
      fixed64(7, at),
      fixed64(8, at + 1500n),
      pair(9, 'k', 'v'),
      message(11, fixed64(1, at), bytes(2, 'event'), pair(3, 'e', 'f')),
      message(13, bytes(1, traceId), bytes(2, spanId), bytes(3, 'link state'), pair(4, 'l', 'm'), fixed32(6, 1)),
      message(15, bytes(2, 'failed'), varint(3, 2)),
    );
    expect(await stored('traces', 'otel_traces', request(span))).toEqual([
      {
        ...common,
        Timestamp: time,
        TraceId: traceId.toString('hex'),
        SpanId: spanId.toString('hex'),
        ParentSpanId: spanId.toString('hex'),
        TraceState: 'state',
        SpanName: 'GET /',
        SpanKind: 'Server',
        SpanAttributes: { k: 'v' },
        Duration: 1500,
        StatusCode: 'Error',
        StatusMessage: 'failed',
        'Events.Timestamp': [time],
        'Events.Name': ['event'],
        'Events.Attributes': [{ e: 'f' }],
        'Links.TraceId': [traceId.toString('hex')],
        'Links.SpanId': [spanId.toString('hex')],
        'Links.TraceState': ['link state'],
        'Links.Attributes': [{ l: 'm' }],
      },
    ]);
  });
}
