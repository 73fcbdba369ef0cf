import { credentials, Metadata } from '@grpc/grpc-js';
import { OTLPLogExporter as GrpcLogs } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as GrpcMetrics } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as JsonMetrics } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufMetrics } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as GrpcTraces } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraces } from '@opentelemetry/exporter-trace-otlp-proto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  baseSeconds,
  sdkLogs,
  sdkMetrics,
  sdkSpans,
  spanId,
  traceId,
} from '../unit/collector/receive/json/sdk-requests.ts';
import { type OtlpSite, startOtlpSite } from './otlp-site.ts';

/** What an exporter tells when it is done; `code` 0 is success. */
interface Exporter<T> {
  export(items: T, done: (result: { code: number; error?: Error }) => void): void;
  shutdown(): Promise<void>;
}
async function send<T>(exporter: Exporter<T>, items: T): Promise<void> {
  const result = await new Promise<{ code: number; error?: Error }>((resolve) => exporter.export(items, resolve));
  await exporter.shutdown();
  expect(result.error).toBeUndefined();
  expect(result.code).toBe(0);
}

type Compression = NonNullable<NonNullable<ConstructorParameters<typeof JsonLogs>[0]>['compression']>;
const gzip = 'gzip' as Compression;
const none = 'none' as Compression;

const protocols = ['protobuf', 'json', 'grpc'] as const;
type Protocol = (typeof protocols)[number];

let site: OtlpSite;
let metrics: Awaited<ReturnType<typeof sdkMetrics>>;

beforeAll(async () => {
  site = await startOtlpSite();
  metrics = await sdkMetrics();
  for (const protocol of protocols) await exportAll(protocol, await site.createToken(protocol));
});
afterAll(() => site.close());

async function exportAll(protocol: Protocol, token: string): Promise<void> {
  const authorization = `Bearer ${token}`;
  if (protocol === 'grpc') {
    const metadata = new Metadata();
    metadata.set('authorization', authorization);
    const options = {
      url: `https://127.0.0.1:${site.ports.grpc}`,
      credentials: credentials.createSsl(site.ca),
      metadata,
      compression: gzip,
    };
    await send(new GrpcLogs(options), sdkLogs());
    await send(new GrpcMetrics(options), metrics);
    await send(new GrpcTraces(options), sdkSpans());
    return;
  }
  const options = (signal: string, compression: Compression) => ({
    url: `https://127.0.0.1:${site.ports.http}/v1/${signal}`,
    headers: { authorization },
    httpAgentOptions: { ca: site.ca },
    compression,
  });
  await send(
    protocol === 'json' ? new JsonLogs(options('logs', gzip)) : new ProtobufLogs(options('logs', none)),
    sdkLogs(),
  );
  await send(
    protocol === 'json' ? new JsonMetrics(options('metrics', none)) : new ProtobufMetrics(options('metrics', gzip)),
    metrics,
  );
  await send(
    protocol === 'json' ? new JsonTraces(options('traces', none)) : new ProtobufTraces(options('traces', gzip)),
    sdkSpans(),
  );
}

const at = (nanos: number | string) => `${baseSeconds}${String(nanos).padStart(9, '0')}`;
const serviceResource = { 'service.name': 'interop', 'host.name': 'alpha', 'process.pid': '4711' };

test.each(protocols)('logs over %s: every field is what was sent', async (protocol) => {
  const [first, structured, long] = await site.rows(
    `SELECT toString(toUnixTimestamp64Nano(Timestamp)) AS Nano, TraceId, SpanId, TraceFlags, SeverityText,
       SeverityNumber, ServiceName, Body, ResourceAttributes, ScopeSchemaUrl, ScopeName, ScopeVersion, LogAttributes,
       EventName, Stream, Epoch, Sequence
     FROM otel_logs WHERE Node = 'otlp:${protocol}' ORDER BY length(EventName) DESC, length(Body)`,
    3,
  );
  expect(first).toEqual({
    Nano: at('123456789'),
    TraceId: traceId,
    SpanId: spanId,
    TraceFlags: 1,
    SeverityText: 'WARN',
    SeverityNumber: 13,
    ServiceName: 'interop',
    Body: 'a "quoted" line\twith \\ and ü€😀\u0001',
    ResourceAttributes: serviceResource,
    ScopeSchemaUrl: 'https://example.test/schema',
    ScopeName: 'interop.logs',
    ScopeVersion: '1.2.3',
    LogAttributes: expect.objectContaining({
      text: 'value',
      empty: '',
      integer: '42',
      negative: '-7',
      large: '9007199254740991',
      fraction: '0.1',
      yes: 'true',
      no: 'false',
      zero: '0',
      bytes: 'AAH+/w==',
      list: '["a",1,false,["nested",2.5]]',
      map: '{"inner":"x","deeper":{"number":3}}',
    }),
    EventName: 'disk.full',
    Stream: '',
    Epoch: '',
    Sequence: 0,
  });
  expect(structured.Body).toBe('{"structured":["x",1],"deeper":{"y":2}}');
  expect(long.Body).toBe('x'.repeat(20_000));
});

test.each(protocols)('metrics over %s: every field is what was sent', async (protocol) => {
  const rows = (table: string, columns: string, count: number) =>
    site.rows(
      `SELECT MetricName, ServiceName, ScopeName, ScopeVersion, ${columns} FROM otel_metrics_${table}
       WHERE Node = 'otlp:${protocol}' ORDER BY MetricName`,
      count,
    );
  const common = { ServiceName: 'interop', ScopeName: 'interop.metrics', ScopeVersion: '2' };
  expect(await rows('gauge', 'MetricUnit, MetricDescription, Attributes, Value', 2)).toEqual([
    {
      ...common,
      MetricName: 'gauge',
      MetricUnit: 'Cel',
      MetricDescription: 'A temperature.',
      Attributes: { place: 'rack 1' },
      Value: -12.5,
    },
    { ...common, MetricName: 'gauge.zero', MetricUnit: '', MetricDescription: '', Attributes: {}, Value: 0 },
  ]);
  expect(await rows('sum', 'MetricUnit, Attributes, Value, AggregationTemporality, IsMonotonic', 2)).toMatchObject([
    {
      MetricName: 'sum',
      MetricUnit: '{call}',
      Attributes: { route: '/a' },
      Value: 3,
      AggregationTemporality: 2,
      IsMonotonic: true,
    },
    { MetricName: 'sum.down', Value: -4, AggregationTemporality: 2, IsMonotonic: false },
  ]);
  expect(
    await rows(
      'histogram',
      'Attributes, Count, Sum, BucketCounts, ExplicitBounds, Min, Max, AggregationTemporality',
      1,
    ),
  ).toEqual([
    {
      ...common,
      MetricName: 'histogram',
      Attributes: { code: '200' },
      Count: 4,
      Sum: 55.55,
      BucketCounts: [1, 1, 1, 1],
      ExplicitBounds: [0.1, 1, 10],
      Min: 0.05,
      Max: 50,
      AggregationTemporality: 2,
    },
  ]);
  const sent = metrics.scopeMetrics[0]?.metrics.find(({ descriptor }) => descriptor.name === 'exponential');
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own shape of a point
  const value = sent?.dataPoints[0]?.value as any;
  expect(
    await rows(
      'exponential_histogram',
      'Count, Sum, Scale, ZeroCount, PositiveOffset, PositiveBucketCounts, NegativeBucketCounts, Min, Max',
      1,
    ),
  ).toEqual([
    {
      ...common,
      MetricName: 'exponential',
      Count: 5,
      Sum: value.sum,
      Scale: value.scale,
      ZeroCount: 1,
      PositiveOffset: value.positive.offset,
      PositiveBucketCounts: value.positive.bucketCounts,
      NegativeBucketCounts: value.negative.bucketCounts,
      Min: 0,
      Max: 1000,
    },
  ]);
});

test.each(protocols)('traces over %s: every field is what was sent', async (protocol) => {
  const [plain, served] = await site.rows(
    `SELECT toString(toUnixTimestamp64Nano(Timestamp)) AS Nano, TraceId, SpanId, ParentSpanId, SpanName, SpanKind,
       ServiceName, ResourceAttributes, ScopeName, ScopeVersion, SpanAttributes, Duration, StatusCode, StatusMessage,
       arrayMap(t -> toString(toUnixTimestamp64Nano(t)), Events.Timestamp) AS EventNanos, Events.Name AS EventNames,
       Events.Attributes AS EventAttributes, Links.TraceId AS LinkTraces, Links.SpanId AS LinkSpans,
       Links.Attributes AS LinkAttributes
     FROM otel_traces WHERE Node = 'otlp:${protocol}' ORDER BY length(ParentSpanId)`,
    2,
  );
  expect(served).toEqual({
    Nano: at(5),
    TraceId: traceId,
    SpanId: expect.stringMatching(/^[0-9a-f]{16}$/),
    ParentSpanId: spanId,
    SpanName: 'GET /volumes',
    SpanKind: 'Server',
    ServiceName: 'interop',
    ResourceAttributes: serviceResource,
    ScopeName: 'interop.traces',
    ScopeVersion: '3',
    SpanAttributes: { 'http.response.status_code': '500', ok: 'false' },
    Duration: 1_000_000_001,
    StatusCode: 'Error',
    StatusMessage: 'failed',
    EventNanos: [at(7)],
    EventNames: ['exception'],
    EventAttributes: [{ 'exception.message': 'no space' }],
    LinkTraces: [spanId + spanId],
    LinkSpans: [spanId],
    LinkAttributes: [{ why: 'retry' }],
  });
  expect(plain).toMatchObject({ SpanName: 'plain', ParentSpanId: '', Duration: 1, StatusCode: 'Unset' });
});
