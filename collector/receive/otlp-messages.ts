import type { Signal } from '../../protocol/headers.ts';
import { recordAttributesField } from '../../protocol/otlp/record-attributes.ts';

/** How a field lies on the wire. `packed*` are repeated numbers, which may come packed or one by one. */
export const wireKinds = {
  unknown: 0,
  varint: 1,
  fixed64: 2,
  fixed32: 3,
  /** Text or bytes: skipped. */
  blob: 4,
  message: 5,
  packedVarint: 6,
  packedFixed64: 7,
} as const;

export interface MessageShape {
  /** By field number; `wireKinds`. Field numbers behind the end are unknown. */
  kinds: Uint8Array;
  /** By field number, for fields of kind `message`. */
  children: (MessageShape | undefined)[];
  /** A log record, a data point or a span. */
  isRecord: boolean;
  /** An AnyValue, the one message that nests in itself. */
  isValue: boolean;
  /** A Metric: which of its fields 5 to 11 is there says what kind it is. */
  isMetric: boolean;
  /** An attribute of all records of a ScopeLogs. */
  isRecordAttribute: boolean;
  /** Bit `n` for field `n`: members of the message's oneof, of which one may be there. */
  oneOf: number;
  /**
   * Bit `n` for field `n`: messages that may come once, and the members of the oneof. Protobuf would merge a second
   * one; no serialiser writes it and the engine refuses some of them.
   */
  once: number;
}

type FieldKind = Exclude<keyof typeof wireKinds, 'unknown' | 'message'>;
type Fields = Record<number, FieldKind | MessageShape>;

const highestField = 31;

const bits = (numbers: number[]): number => numbers.reduce((sum, number) => sum | (1 << number), 0);

function message(
  fields: Fields,
  {
    isRecord = false,
    isValue = false,
    isMetric = false,
    isRecordAttribute = false,
    oneOf = [] as number[],
    once = [] as number[],
  } = {},
): MessageShape {
  const shape: MessageShape = {
    kinds: new Uint8Array(highestField + 1),
    children: new Array(highestField + 1).fill(undefined),
    isRecord,
    isValue,
    isMetric,
    isRecordAttribute,
    oneOf: bits(oneOf),
    once: bits([...oneOf, ...once]),
  };
  setFields(shape, fields);
  return shape;
}

function setFields(shape: MessageShape, fields: Fields): void {
  for (const [number, field] of Object.entries(fields)) {
    if (typeof field === 'string') shape.kinds[Number(number)] = wireKinds[field];
    else {
      shape.kinds[Number(number)] = wireKinds.message;
      shape.children[Number(number)] = field;
    }
  }
}

// Field numbers and types of opentelemetry-proto v1; collector/store/sql/schema/otlp.proto has the same in the
// engine's words. A field that stands there must stand here, or bytes may pass that the engine refuses.
const anyValue = message(
  { 1: 'blob', 2: 'varint', 3: 'varint', 4: 'fixed64', 7: 'blob' },
  { isValue: true, oneOf: [1, 2, 3, 4, 5, 6, 7] },
);
const keyValue = message({ 1: 'blob', 2: anyValue }, { once: [2] });
setFields(anyValue, { 5: message({ 1: anyValue }), 6: message({ 1: keyValue }) });

// Texts alone: any other value is none here, and the engine's schema says so too.
const recordAttribute = message({ 1: 'blob', 2: message({ 1: 'blob' }) }, { isRecordAttribute: true, once: [2] });

const resource = message({ 1: keyValue, 2: 'varint' });
const scope = message({ 1: 'blob', 2: 'blob', 3: keyValue, 4: 'varint' });
const request = (items: MessageShape, shared: Fields = {}): MessageShape =>
  message({
    1: message(
      { 1: resource, 2: message({ 1: scope, 2: items, 3: 'blob', ...shared }, { once: [1] }), 3: 'blob' },
      { once: [1] },
    ),
  });

const logRecord = message(
  {
    1: 'fixed64',
    2: 'varint',
    3: 'blob',
    5: anyValue,
    6: keyValue,
    7: 'varint',
    8: 'fixed32',
    9: 'blob',
    10: 'blob',
    11: 'fixed64',
    12: 'blob',
  },
  { isRecord: true, once: [5] },
);

const exemplar = message(
  { 2: 'fixed64', 3: 'fixed64', 4: 'blob', 5: 'blob', 6: 'fixed64', 7: keyValue },
  { oneOf: [3, 6] },
);
const numberPoint = message(
  { 2: 'fixed64', 3: 'fixed64', 4: 'fixed64', 5: exemplar, 6: 'fixed64', 7: keyValue, 8: 'varint' },
  { isRecord: true, oneOf: [4, 6] },
);
const histogramPoint = message(
  {
    2: 'fixed64',
    3: 'fixed64',
    4: 'fixed64',
    5: 'fixed64',
    6: 'packedFixed64',
    7: 'packedFixed64',
    8: exemplar,
    9: keyValue,
    10: 'varint',
    11: 'fixed64',
    12: 'fixed64',
  },
  { isRecord: true },
);
const buckets = message({ 1: 'varint', 2: 'packedVarint' });
const exponentialPoint = message(
  {
    1: keyValue,
    2: 'fixed64',
    3: 'fixed64',
    4: 'fixed64',
    5: 'fixed64',
    6: 'varint',
    7: 'fixed64',
    8: buckets,
    9: buckets,
    10: 'varint',
    11: exemplar,
    12: 'fixed64',
    13: 'fixed64',
    14: 'fixed64',
  },
  { isRecord: true, once: [8, 9] },
);
const summaryPoint = message(
  {
    2: 'fixed64',
    3: 'fixed64',
    4: 'fixed64',
    5: 'fixed64',
    6: message({ 1: 'fixed64', 2: 'fixed64' }),
    7: keyValue,
    8: 'varint',
  },
  { isRecord: true },
);
const metric = message(
  {
    1: 'blob',
    2: 'blob',
    3: 'blob',
    5: message({ 1: numberPoint }),
    7: message({ 1: numberPoint, 2: 'varint', 3: 'varint' }),
    9: message({ 1: histogramPoint, 2: 'varint' }),
    10: message({ 1: exponentialPoint, 2: 'varint' }),
    11: message({ 1: summaryPoint }),
    12: keyValue,
  },
  { isMetric: true, oneOf: [5, 7, 9, 10, 11] },
);

const span = message(
  {
    1: 'blob',
    2: 'blob',
    3: 'blob',
    4: 'blob',
    5: 'blob',
    6: 'varint',
    7: 'fixed64',
    8: 'fixed64',
    9: keyValue,
    10: 'varint',
    11: message({ 1: 'fixed64', 2: 'blob', 3: keyValue, 4: 'varint' }),
    12: 'varint',
    13: message({ 1: 'blob', 2: 'blob', 3: 'blob', 4: keyValue, 5: 'varint', 6: 'fixed32' }),
    14: 'varint',
    15: message({ 2: 'blob', 3: 'varint' }),
    16: 'fixed32',
  },
  { isRecord: true, once: [15] },
);

/** Shape of the export request of each signal. */
export const exportRequests: Readonly<Record<Signal, MessageShape>> = {
  logs: request(logRecord, { [recordAttributesField]: recordAttribute }),
  metrics: request(metric),
  traces: request(span),
};
