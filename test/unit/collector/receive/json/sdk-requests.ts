import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  AggregationType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

const resource = resourceFromAttributes({ 'service.name': 'interop', 'host.name': 'alpha', 'process.pid': 4711 });
/** Of this hour: the collector keeps no traces of last week. */
export const baseSeconds = Math.floor(Date.now() / 1000) - 60;
export const traceId = '0af7651916cd43dd8448eb211c80319c';
export const spanId = 'b7ad6b7169203331';
const inSpan = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.SAMPLED });

/** Log records with every kind of value, as the SDK makes them. */
export function sdkLogs(): ReadableLogRecord[] {
  const records: ReadableLogRecord[] = [];
  const provider = new LoggerProvider({
    resource,
    processors: [
      { onEmit: (record) => void records.push(record), forceFlush: async () => {}, shutdown: async () => {} },
    ],
  });
  const logger = provider.getLogger('interop.logs', '1.2.3', { schemaUrl: 'https://example.test/schema' });
  logger.emit({
    timestamp: [baseSeconds, 123_456_789],
    observedTimestamp: [baseSeconds + 1, 1],
    severityNumber: SeverityNumber.WARN,
    severityText: 'WARN',
    eventName: 'disk.full',
    body: 'a "quoted" line\twith \\ and ü€😀\u0001',
    context: inSpan,
    attributes: {
      text: 'value',
      empty: '',
      integer: 42,
      negative: -7,
      large: Number.MAX_SAFE_INTEGER,
      fraction: 0.1,
      yes: true,
      no: false,
      zero: 0,
      bytes: new Uint8Array([0, 1, 254, 255]),
      list: ['a', 1, false, ['nested', 2.5]],
      map: { inner: 'x', deeper: { number: 3 } },
    },
  });
  logger.emit({ body: { structured: ['x', 1], deeper: { y: 2 } } });
  logger.emit({ body: 'x'.repeat(20_000) });
  return records;
}

/** Every kind of metric that the SDK makes. */
export async function sdkMetrics(): Promise<ResourceMetrics> {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e8 });
  const provider = new MeterProvider({
    resource,
    readers: [reader],
    views: [{ instrumentName: 'exponential', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
  });
  const meter = provider.getMeter('interop.metrics', '2');
  meter.createGauge('gauge', { unit: 'Cel', description: 'A temperature.' }).record(-12.5, { place: 'rack 1' });
  meter.createGauge('gauge.zero').record(0);
  meter.createCounter('sum', { unit: '{call}' }).add(3, { route: '/a' });
  meter.createUpDownCounter('sum.down').add(-4);
  const histogram = meter.createHistogram('histogram', {
    unit: 's',
    advice: { explicitBucketBoundaries: [0.1, 1, 10] },
  });
  for (const value of [0.05, 0.5, 5, 50]) histogram.record(value, { code: 200 });
  const exponential = meter.createHistogram('exponential');
  for (const value of [0, 0.001, 1, 2, 1000]) exponential.record(value);
  await provider.forceFlush();
  const [metrics] = exporter.getMetrics();
  await provider.shutdown();
  if (!metrics) throw new Error('no metrics');
  return metrics;
}

/** Spans with events, links, a parent and a status. */
export function sdkSpans(): ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const tracer = provider.getTracer('interop.traces', '3');
  const span = tracer.startSpan(
    'GET /volumes',
    {
      kind: SpanKind.SERVER,
      startTime: [baseSeconds, 5],
      attributes: { 'http.response.status_code': 500, ok: false },
      links: [{ context: { traceId: spanId + spanId, spanId, traceFlags: 1 }, attributes: { why: 'retry' } }],
    },
    inSpan,
  );
  span.addEvent('exception', { 'exception.message': 'no space' }, [baseSeconds, 7]);
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'failed' });
  span.end([baseSeconds + 1, 6]);
  tracer.startSpan('plain', { startTime: [baseSeconds, 5] }, ROOT_CONTEXT).end([baseSeconds, 6]);
  const spans = exporter.getFinishedSpans();
  return [...spans];
}
