import { fieldsOf, type WireField } from '../../protocol/wire-fields.ts';
import { putAttribute, textAt } from './any-value.ts';

/** One data point as bundles tell it. */
export interface MetricPoint {
  unixNano: bigint;
  name: string;
  kind: string;
  /** The sum, for a distribution. */
  value: number;
  unit: string;
  attributes: Record<string, string>;
  histogram?: { count: number; bounds: number[]; counts: number[] };
}

/** Field of a Metric → its kind (opentelemetry/proto/metrics/v1/metrics.proto). */
const kinds: Record<number, string> = {
  5: 'gauge',
  7: 'sum',
  9: 'histogram',
  10: 'exponential-histogram',
  11: 'summary',
};

/** The data points of an export request, in their order. */
export function* metricPoints(request: Buffer): Generator<MetricPoint> {
  for (const [metric, data, point] of placed(request)) {
    let name = '';
    let unit = '';
    for (const field of fieldsOf(request, metric.from, metric.to)) {
      if (field.field === 1) name = textAt(request, field);
      else if (field.field === 3) unit = textAt(request, field);
    }
    const kind = kinds[data.field] ?? '';
    yield { ...(data.field <= 7 ? numberPoint : distribution)(request, point, data.field), name, unit, kind };
  }
}

/** Time of the first data point; undefined when there is none. */
export function firstPointUnixNano(request: Buffer): bigint | undefined {
  for (const [, , point] of placed(request)) {
    for (const { field, from } of fieldsOf(request, point.from, point.to)) {
      if (field === 3) return request.readBigUInt64LE(from);
    }
  }
  return undefined;
}

function* placed(request: Buffer): Generator<[metric: WireField, data: WireField, point: WireField]> {
  for (const resource of below(request, { from: 0, to: request.length }, 1)) {
    for (const scope of below(request, resource, 2)) {
      for (const metric of below(request, scope, 2)) {
        for (const data of fieldsOf(request, metric.from, metric.to)) {
          if (kinds[data.field] === undefined) continue;
          for (const point of below(request, data, 1)) yield [metric, data, point];
        }
      }
    }
  }
}

type Values = Pick<MetricPoint, 'unixNano' | 'value' | 'attributes' | 'histogram'>;

/** NumberDataPoint: attributes 7, time 3, as_double 4, as_int 6. */
function numberPoint(request: Buffer, point: WireField): Values {
  const read: Values = { unixNano: 0n, value: 0, attributes: {} };
  for (const field of fieldsOf(request, point.from, point.to)) {
    if (field.field === 3) read.unixNano = request.readBigUInt64LE(field.from);
    else if (field.field === 4) read.value = request.readDoubleLE(field.from);
    else if (field.field === 6) read.value = Number(request.readBigInt64LE(field.from));
    else if (field.field === 7) putAttribute(request, field, read.attributes);
  }
  return read;
}

/** Attributes are 9, 1 and 7 in the three kinds of distribution; buckets are told for plain histograms alone. */
function distribution(request: Buffer, point: WireField, kind: number): Values {
  const attributesField = kind === 9 ? 9 : kind === 10 ? 1 : 7;
  const read: Values = { unixNano: 0n, value: 0, attributes: {} };
  const histogram = { count: 0, bounds: [] as number[], counts: [] as number[] };
  for (const field of fieldsOf(request, point.from, point.to)) {
    if (field.field === 3) read.unixNano = request.readBigUInt64LE(field.from);
    else if (field.field === 4) histogram.count = Number(request.readBigUInt64LE(field.from));
    else if (field.field === 5) read.value = request.readDoubleLE(field.from);
    else if (field.field === attributesField) putAttribute(request, field, read.attributes);
    else if (kind === 9 && field.field === 6) {
      for (const at of eights(field)) histogram.counts.push(Number(request.readBigUInt64LE(at)));
    } else if (kind === 9 && field.field === 7) {
      for (const at of eights(field)) histogram.bounds.push(request.readDoubleLE(at));
    }
  }
  return { ...read, histogram };
}

/** Offsets of the numbers of a packed field. */
function* eights({ from, to }: WireField): Generator<number> {
  for (let at = from; at + 8 <= to; at += 8) yield at;
}

function* below(bytes: Buffer, { from, to }: { from: number; to: number }, wanted: number): Generator<WireField> {
  for (const field of fieldsOf(bytes, from, to)) if (field.field === wanted) yield field;
}
