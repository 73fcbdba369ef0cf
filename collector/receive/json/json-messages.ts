import type { Signal } from '../../../protocol/headers.ts';

/** How a field is written in Protobuf, and by that what its JSON may look like. */
export const jsonKinds = {
  message: 0,
  /** Items of a repeated message, each a field of its own. */
  messages: 1,
  text: 2,
  /** base64 in JSON. */
  bytes: 3,
  /** Hexadecimal in JSON: the ids of traces and spans. */
  id: 4,
  bool: 5,
  uint32: 6,
  sint32: 7,
  fixed32: 8,
  int64: 9,
  fixed64: 10,
  sfixed64: 11,
  double: 12,
  enumeration: 13,
  packedUint64: 14,
  packedFixed64: 15,
  packedDouble: 16,
} as const;

type JsonKind = keyof typeof jsonKinds;

export interface JsonField {
  /** lowerCamelCase: OTLP does not allow a field's Protobuf name in JSON. */
  name: string;
  number: number;
  kind: (typeof jsonKinds)[JsonKind];
  /** A zero is not the same as nothing: members of a oneof and `optional` fields. */
  presence: boolean;
  child: JsonMessage | undefined;
  /** Names of an enumeration's values. OTLP wants integers; names cannot be mistaken for anything else. */
  names: Readonly<Record<string, number>> | undefined;
  /** The name's bytes. */
  key: Uint8Array;
}

export interface JsonMessage {
  /** By length of the name: few names of one message have the same. */
  byLength: (JsonField[] | undefined)[];
  byName: Map<string, JsonField>;
}

type Scalar = Exclude<JsonKind, 'message' | 'messages' | 'enumeration'>;
type Spelling =
  | readonly [number: number, kind: Scalar]
  | readonly [number: number, kind: Scalar, 'presence']
  | readonly [number: number, kind: 'message' | 'messages', child: JsonMessage]
  | readonly [number: number, kind: 'enumeration', names: Readonly<Record<string, number>>];

function message(fields: Record<string, Spelling>): JsonMessage {
  const shape: JsonMessage = { byLength: [], byName: new Map() };
  setFields(shape, fields);
  return shape;
}

function setFields(shape: JsonMessage, fields: Record<string, Spelling>): void {
  for (const [name, [number, kind, detail]] of Object.entries(fields)) {
    const isMessage = kind === 'message' || kind === 'messages';
    const field: JsonField = {
      name,
      number,
      kind: jsonKinds[kind],
      presence: detail === 'presence',
      child: isMessage ? (detail as JsonMessage) : undefined,
      names: kind === 'enumeration' ? (detail as Record<string, number>) : undefined,
      key: Buffer.from(name),
    };
    shape.byName.set(name, field);
    shape.byLength[name.length] ??= [];
    shape.byLength[name.length]?.push(field);
  }
}

/** `PREFIX_A`, `PREFIX_B`, …, numbered from `first`. */
const enumeration = (prefix: string, names: string[], first = 0): Record<string, number> =>
  Object.fromEntries(names.map((name, index) => [`${prefix}_${name}`, index + first]));

const severities = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((name) => [
  name,
  `${name}2`,
  `${name}3`,
  `${name}4`,
]);
const severityNumbers = enumeration('SEVERITY_NUMBER', ['UNSPECIFIED', ...severities]);
const temporalities = enumeration('AGGREGATION_TEMPORALITY', ['UNSPECIFIED', 'DELTA', 'CUMULATIVE']);
const spanKinds = enumeration('SPAN_KIND', ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']);
const statusCodes = enumeration('STATUS_CODE', ['UNSET', 'OK', 'ERROR']);

// opentelemetry-proto v1. A test compares this with the numbers and wire types of ../otlp-messages.ts.
const anyValue = message({
  stringValue: [1, 'text', 'presence'],
  boolValue: [2, 'bool', 'presence'],
  intValue: [3, 'int64', 'presence'],
  doubleValue: [4, 'double', 'presence'],
  bytesValue: [7, 'bytes', 'presence'],
});
const keyValue = message({ key: [1, 'text'], value: [2, 'message', anyValue] });
setFields(anyValue, {
  arrayValue: [5, 'message', message({ values: [1, 'messages', anyValue] })],
  kvlistValue: [6, 'message', message({ values: [1, 'messages', keyValue] })],
});

const resource = message({ attributes: [1, 'messages', keyValue], droppedAttributesCount: [2, 'uint32'] });
const scope = message({
  name: [1, 'text'],
  version: [2, 'text'],
  attributes: [3, 'messages', keyValue],
  droppedAttributesCount: [4, 'uint32'],
});
const request = (byResource: string, byScope: string, items: string, item: JsonMessage): JsonMessage =>
  message({
    [byResource]: [
      1,
      'messages',
      message({
        resource: [1, 'message', resource],
        [byScope]: [
          2,
          'messages',
          message({ scope: [1, 'message', scope], [items]: [2, 'messages', item], schemaUrl: [3, 'text'] }),
        ],
        schemaUrl: [3, 'text'],
      }),
    ],
  });

const logRecord = message({
  timeUnixNano: [1, 'fixed64'],
  observedTimeUnixNano: [11, 'fixed64'],
  severityNumber: [2, 'enumeration', severityNumbers],
  severityText: [3, 'text'],
  body: [5, 'message', anyValue],
  attributes: [6, 'messages', keyValue],
  droppedAttributesCount: [7, 'uint32'],
  flags: [8, 'fixed32'],
  traceId: [9, 'id'],
  spanId: [10, 'id'],
  eventName: [12, 'text'],
});

const exemplar = message({
  filteredAttributes: [7, 'messages', keyValue],
  timeUnixNano: [2, 'fixed64'],
  asDouble: [3, 'double', 'presence'],
  asInt: [6, 'sfixed64', 'presence'],
  spanId: [4, 'id'],
  traceId: [5, 'id'],
});
const numberPoint = message({
  attributes: [7, 'messages', keyValue],
  startTimeUnixNano: [2, 'fixed64'],
  timeUnixNano: [3, 'fixed64'],
  asDouble: [4, 'double', 'presence'],
  asInt: [6, 'sfixed64', 'presence'],
  exemplars: [5, 'messages', exemplar],
  flags: [8, 'uint32'],
});
const histogramPoint = message({
  attributes: [9, 'messages', keyValue],
  startTimeUnixNano: [2, 'fixed64'],
  timeUnixNano: [3, 'fixed64'],
  count: [4, 'fixed64'],
  sum: [5, 'double', 'presence'],
  bucketCounts: [6, 'packedFixed64'],
  explicitBounds: [7, 'packedDouble'],
  exemplars: [8, 'messages', exemplar],
  flags: [10, 'uint32'],
  min: [11, 'double', 'presence'],
  max: [12, 'double', 'presence'],
});
const buckets = message({ offset: [1, 'sint32'], bucketCounts: [2, 'packedUint64'] });
const exponentialPoint = message({
  attributes: [1, 'messages', keyValue],
  startTimeUnixNano: [2, 'fixed64'],
  timeUnixNano: [3, 'fixed64'],
  count: [4, 'fixed64'],
  sum: [5, 'double', 'presence'],
  scale: [6, 'sint32'],
  zeroCount: [7, 'fixed64'],
  positive: [8, 'message', buckets],
  negative: [9, 'message', buckets],
  flags: [10, 'uint32'],
  exemplars: [11, 'messages', exemplar],
  min: [12, 'double', 'presence'],
  max: [13, 'double', 'presence'],
  zeroThreshold: [14, 'double'],
});
const summaryPoint = message({
  attributes: [7, 'messages', keyValue],
  startTimeUnixNano: [2, 'fixed64'],
  timeUnixNano: [3, 'fixed64'],
  count: [4, 'fixed64'],
  sum: [5, 'double'],
  quantileValues: [6, 'messages', message({ quantile: [1, 'double'], value: [2, 'double'] })],
  flags: [8, 'uint32'],
});
const metric = message({
  name: [1, 'text'],
  description: [2, 'text'],
  unit: [3, 'text'],
  gauge: [5, 'message', message({ dataPoints: [1, 'messages', numberPoint] })],
  sum: [
    7,
    'message',
    message({
      dataPoints: [1, 'messages', numberPoint],
      aggregationTemporality: [2, 'enumeration', temporalities],
      isMonotonic: [3, 'bool'],
    }),
  ],
  histogram: [
    9,
    'message',
    message({
      dataPoints: [1, 'messages', histogramPoint],
      aggregationTemporality: [2, 'enumeration', temporalities],
    }),
  ],
  exponentialHistogram: [
    10,
    'message',
    message({
      dataPoints: [1, 'messages', exponentialPoint],
      aggregationTemporality: [2, 'enumeration', temporalities],
    }),
  ],
  summary: [11, 'message', message({ dataPoints: [1, 'messages', summaryPoint] })],
  metadata: [12, 'messages', keyValue],
});

const span = message({
  traceId: [1, 'id'],
  spanId: [2, 'id'],
  traceState: [3, 'text'],
  parentSpanId: [4, 'id'],
  flags: [16, 'fixed32'],
  name: [5, 'text'],
  kind: [6, 'enumeration', spanKinds],
  startTimeUnixNano: [7, 'fixed64'],
  endTimeUnixNano: [8, 'fixed64'],
  attributes: [9, 'messages', keyValue],
  droppedAttributesCount: [10, 'uint32'],
  events: [
    11,
    'messages',
    message({
      timeUnixNano: [1, 'fixed64'],
      name: [2, 'text'],
      attributes: [3, 'messages', keyValue],
      droppedAttributesCount: [4, 'uint32'],
    }),
  ],
  droppedEventsCount: [12, 'uint32'],
  links: [
    13,
    'messages',
    message({
      traceId: [1, 'id'],
      spanId: [2, 'id'],
      traceState: [3, 'text'],
      attributes: [4, 'messages', keyValue],
      droppedAttributesCount: [5, 'uint32'],
      flags: [6, 'fixed32'],
    }),
  ],
  droppedLinksCount: [14, 'uint32'],
  status: [15, 'message', message({ message: [2, 'text'], code: [3, 'enumeration', statusCodes] })],
});

/** The export request of each signal, as JSON spells it. */
export const jsonRequests: Readonly<Record<Signal, JsonMessage>> = {
  logs: request('resourceLogs', 'scopeLogs', 'logRecords', logRecord),
  metrics: request('resourceMetrics', 'scopeMetrics', 'metrics', metric),
  traces: request('resourceSpans', 'scopeSpans', 'spans', span),
};
