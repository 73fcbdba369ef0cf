import { createHash } from 'node:crypto';
import type { HrTime } from '@opentelemetry/api';
import { ProtobufLogsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { severityNumbers } from '../query/severity.ts';
import { type BundleLogLine, type BundleSampleLine, isSeverity } from './bundle-lines.ts';

/** The value type of a descriptor is not part of OTLP; the SDK's type wants one. 1 is double. */
const doubles = 1;

/** `2026-11-20T09:50:01.123456789Z`, down to the nanosecond. */
function hrTime(timestamp: string): HrTime {
  const fraction = /\.(\d{1,9})/.exec(timestamp)?.[1] ?? '';
  return [Math.floor(Date.parse(timestamp) / 1000), Number(fraction.padEnd(9, '0'))];
}

/**
 * Gives each record an identity, so that what two bundles of overlapping windows both hold is shown once: its own where it
 * has one, else made of its content and its place among equal ones of the same moment.
 */
export function createRecordNames(): (line: BundleLogLine) => string {
  let moment = '';
  const seen = new Map<string, number>();
  return ({ timestamp, node, body, attributes }) => {
    const own = attributes['log.record.uid'];
    if (own) return own;
    if (timestamp !== moment) {
      moment = timestamp;
      seen.clear();
    }
    const hash = createHash('sha1')
      .update(JSON.stringify([timestamp, node, body, attributes]))
      .digest('base64url');
    const equal = seen.get(hash) ?? 0;
    seen.set(hash, equal + 1);
    return `bundle:${hash}:${equal}`;
  };
}

/** Log lines of a bundle as an OTLP request, under the names that they were stored with. */
export function logsRequest(lines: readonly BundleLogLine[], nameOf: (line: BundleLogLine) => string): Buffer {
  const resources = new Map<string, ReturnType<typeof resourceFromAttributes>>();
  const resourceOf = (
    service: string,
    more: Record<string, string> | undefined,
  ): ReturnType<typeof resourceFromAttributes> => {
    const key = JSON.stringify([service, more]);
    const known =
      resources.get(key) ?? resourceFromAttributes({ ...(service && { 'service.name': service }), ...more });
    resources.set(key, known);
    return known;
  };
  const records = lines.map((line): ReadableLogRecord => {
    const { 'otel.scope.name': scope = '', ...attributes } = line.attributes;
    let service = '';
    // Where the resource says it too, both differ, and the record's own is an attribute.
    if (line.resource?.['service.name'] === undefined) {
      service = attributes['service.name'] ?? '';
      delete attributes['service.name'];
    }
    const severity = isSeverity(line.severity) ? line.severity : 'unset';
    const hr = hrTime(line.timestamp);
    return {
      hrTime: hr,
      hrTimeObserved: hr,
      ...(severity !== 'unset' && { severityNumber: severityNumbers(severity).from, severityText: severity }),
      body: line.body,
      attributes: { ...attributes, 'log.record.uid': nameOf(line) },
      droppedAttributesCount: 0,
      resource: resourceOf(service, line.resource),
      instrumentationScope: { name: scope },
      ...(line.eventName && { eventName: line.eventName }),
      ...spanOf(line),
    };
  });
  return serialised(ProtobufLogsSerializer.serializeRequest(records));
}

/** Where in a trace the record belongs, if it says so in a form that OTLP has. */
function spanOf({ traceId = '', spanId = '' }: BundleLogLine): Pick<ReadableLogRecord, 'spanContext'> {
  if (!/^[0-9a-f]{32}$/.test(traceId) || !/^[0-9a-f]{16}$/.test(spanId)) return {};
  return { spanContext: { traceId, spanId, traceFlags: 0 } };
}

/** Samples of a bundle as an OTLP request. */
export function metricsRequest(samples: readonly BundleSampleLine[]): Buffer {
  const groups = Map.groupBy(samples, ({ name, kind, monotonic, deltaSince }) =>
    JSON.stringify([name, kind, monotonic, deltaSince === undefined]),
  );
  const metrics = [...groups.values()].map((ofMetric): MetricData => {
    const [{ name, unit, kind, monotonic, deltaSince }] = ofMetric as [BundleSampleLine, ...BundleSampleLine[]];
    const descriptor = { name, unit, description: '', valueType: doubles };
    const aggregationTemporality =
      deltaSince === undefined ? AggregationTemporality.CUMULATIVE : AggregationTemporality.DELTA;
    const times = (
      sample: BundleSampleLine,
    ): { startTime: HrTime; endTime: HrTime; attributes: Record<string, string> } => {
      const endTime = hrTime(sample.timestamp);
      const startTime = sample.deltaSince === undefined ? endTime : hrTime(sample.deltaSince);
      return { startTime, endTime, attributes: sample.attributes };
    };
    if (kind === 'histogram') {
      const dataPoints = ofMetric.map((sample) => {
        const { count, bounds, counts } = sample.histogram ?? { count: 0, bounds: [], counts: [0] };
        const buckets = { boundaries: bounds, counts };
        return { ...times(sample), value: { buckets, count, sum: sample.value } };
      });
      return { descriptor, dataPointType: DataPointType.HISTOGRAM, aggregationTemporality, dataPoints };
    }
    const dataPoints = ofMetric.map((sample) => ({ ...times(sample), value: sample.value }));
    return kind === 'sum'
      ? { descriptor, dataPointType: DataPointType.SUM, aggregationTemporality, dataPoints, isMonotonic: monotonic }
      : { descriptor, dataPointType: DataPointType.GAUGE, aggregationTemporality, dataPoints };
  });
  return serialised(
    ProtobufMetricsSerializer.serializeRequest({
      resource: resourceFromAttributes({}),
      scopeMetrics: [{ scope: { name: '' }, metrics }],
    }),
  );
}

function serialised(bytes: Uint8Array | undefined): Buffer {
  if (!bytes) throw new Error('BUG: the serializer returned nothing');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
