import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type JsonMessage, jsonKinds, jsonRequests } from '../../../../../collector/receive/json/json-messages.ts';
import { jsonToProtobuf } from '../../../../../collector/receive/json/json-to-protobuf.ts';
import { exportRequests, type MessageShape, wireKinds } from '../../../../../collector/receive/otlp-messages.ts';
import { walkRequest } from '../../../../../collector/receive/walk.ts';
import { type Signal, signals } from '../../../../../protocol/headers.ts';
import { bytes, double, fixed32, fixed64, message, pair, varint, zigzag } from '../../store/wire.ts';
import { canonical } from './canonical.ts';
import { sdkLogs, sdkMetrics, sdkSpans } from './sdk-requests.ts';

const maxBytes = 1024 * 1024;
const convert = (signal: Signal, json: unknown): Buffer =>
  jsonToProtobuf(signal, Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)), { maxBytes });
/** A request with one log record, as JSON text and as Protobuf. */
const logJson = (fields: string): string => `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{${fields}}]}]}]}`;
const logBytes = (...fields: Buffer[]): Buffer => message(1, message(2, message(2, ...fields)));
const pointJson = (kind: string, fields: string): string =>
  `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"${kind}":{"dataPoints":[{${fields}}]}}]}]}]}`;
const pointBytes = (kind: number, ...fields: Buffer[]): Buffer =>
  message(1, message(2, message(2, message(kind, message(1, ...fields)))));
const refused = (code = 'SX_BAD_OTLP') => expect.objectContaining({ code });

const present = (data: Uint8Array | undefined): Buffer => {
  if (!data) throw new Error('nothing was serialised');
  return Buffer.from(data);
};

test.each<[Signal, () => Promise<[Uint8Array | undefined, Uint8Array | undefined]>]>([
  [
    'logs',
    async () => {
      const records = sdkLogs();
      return [JsonLogsSerializer.serializeRequest(records), ProtobufLogsSerializer.serializeRequest(records)];
    },
  ],
  [
    'metrics',
    async () => {
      const metrics = await sdkMetrics();
      return [JsonMetricsSerializer.serializeRequest(metrics), ProtobufMetricsSerializer.serializeRequest(metrics)];
    },
  ],
  [
    'traces',
    async () => {
      const spans = sdkSpans();
      return [JsonTraceSerializer.serializeRequest(spans), ProtobufTraceSerializer.serializeRequest(spans)];
    },
  ],
])('makes of %s in JSON what the SDK’s Protobuf serialiser makes of the same', async (signal, serialise) => {
  const [json, protobuf] = await serialise();
  const converted = convert(signal, present(json).toString());
  expect(walkRequest(signal, converted)).toEqual(walkRequest(signal, present(protobuf)));
  expect(canonical(signal, converted)).toBe(canonical(signal, present(protobuf)));
});

test('knows the same fields in JSON as in Protobuf', () => {
  const kindsOf: Partial<Record<number, number[]>> = {
    [jsonKinds.message]: [wireKinds.message],
    [jsonKinds.messages]: [wireKinds.message],
    [jsonKinds.fixed32]: [wireKinds.fixed32],
    [jsonKinds.packedUint64]: [wireKinds.packedVarint],
    [jsonKinds.packedFixed64]: [wireKinds.packedFixed64],
    [jsonKinds.packedDouble]: [wireKinds.packedFixed64],
  };
  for (const kind of [jsonKinds.text, jsonKinds.bytes, jsonKinds.id]) kindsOf[kind] = [wireKinds.blob];
  for (const kind of [jsonKinds.bool, jsonKinds.uint32, jsonKinds.sint32, jsonKinds.int64, jsonKinds.enumeration])
    kindsOf[kind] = [wireKinds.varint];
  for (const kind of [jsonKinds.fixed64, jsonKinds.sfixed64, jsonKinds.double]) kindsOf[kind] = [wireKinds.fixed64];

  const seen = new Set<JsonMessage>();
  const compare = (json: JsonMessage, wire: MessageShape, path: string): void => {
    if (seen.has(json)) return;
    seen.add(json);
    const fields = [...json.byName.values()];
    // Our agents' own field is no OTLP and has no name in JSON.
    const known = [...wire.kinds.keys()].filter(
      (number) => wire.kinds[number] !== wireKinds.unknown && !wire.children[number]?.isRecordAttribute,
    );
    expect(
      fields.map(({ number }) => number).sort((a, b) => a - b),
      path,
    ).toEqual(known);
    for (const { name, number, kind, child, presence } of fields) {
      expect(kindsOf[kind], `${path}.${name}`).toContain(wire.kinds[number]);
      if (((wire.oneOf >> number) & 1) === 1 && child === undefined) expect(presence, `${path}.${name}`).toBe(true);
      const below = wire.children[number];
      if (child && below) compare(child, below, `${path}.${name}`);
    }
  };
  for (const signal of signals) compare(jsonRequests[signal], exportRequests[signal], signal);
});

test('takes an empty request', () => {
  expect(convert('logs', '{}')).toHaveLength(0);
  expect(convert('traces', ' {"resourceSpans" : [ ] } \n')).toHaveLength(0);
  expect(convert('metrics', '\uFEFF{"resourceMetrics":null}')).toHaveLength(0);
});

test.each([
  ['"1763600000123456789"', 1_763_600_000_123_456_789n],
  ['1763600000123456789', 1_763_600_000_123_456_789n],
  ['"18446744073709551615"', (1n << 64n) - 1n],
  ['18446744073709551615', (1n << 64n) - 1n],
  ['9007199254740993', 9_007_199_254_740_993n],
  ['1e3', 1000n],
  ['"5.0"', 5n],
])('keeps every bit of the time %s', (text, value) => {
  expect(convert('logs', logJson(`"timeUnixNano":${text}`))).toEqual(logBytes(fixed64(1, value)));
});

test('keeps every bit of any integer, in both forms', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), fc.boolean(), (value, quoted) => {
      const text = quoted ? `"${value}"` : String(value);
      expect(convert('logs', logJson(`"body":{"intValue":${text}}`))).toEqual(
        logBytes(message(5, varint(3, BigInt.asUintN(64, value)))),
      );
    }),
  );
});

test('tells zero, false and empty from nothing where the field does', () => {
  const values = ['{"stringValue":""}', '{"boolValue":false}', '{"intValue":0}', '{"doubleValue":0}', '{}', 'null'];
  const list = values.slice(0, 5).map((value) => `{"key":"k","value":${value}}`);
  expect(convert('logs', logJson(`"attributes":[${list}],"body":null,"severityNumber":0,"flags":0`))).toEqual(
    logBytes(
      ...[bytes(1, ''), varint(2, 0), varint(3, 0), double(4, 0), Buffer.alloc(0)].map((value) =>
        message(6, bytes(1, 'k'), message(2, value)),
      ),
    ),
  );
  expect(convert('metrics', pointJson('gauge', '"asInt":"0"'))).toEqual(pointBytes(5, fixed64(6, 0n)));
  expect(convert('metrics', pointJson('histogram', '"sum":0,"min":-0,"count":0'))).toEqual(
    pointBytes(9, double(5, 0), double(11, -0)),
  );
});

test('takes numbers that are none, and refuses those that are too large', () => {
  expect(convert('metrics', pointJson('gauge', '"asDouble":"NaN"'))).toEqual(pointBytes(5, double(4, Number.NaN)));
  expect(convert('metrics', pointJson('gauge', '"asDouble":"-Infinity"'))).toEqual(pointBytes(5, double(4, -Infinity)));
  expect(convert('metrics', pointJson('gauge', '"asDouble":"1.5e3"'))).toEqual(pointBytes(5, double(4, 1500)));
  for (const text of ['1e999', '""', '"x"', 'NaN', '01', '+1', '.5', '--1', '0x10'])
    expect(() => convert('metrics', pointJson('gauge', `"asDouble":${text}`)), text).toThrow(refused());
});

test('writes lists of numbers packed, and signed ones in zigzag', () => {
  const json = pointJson(
    'exponentialHistogram',
    '"scale":-3,"positive":{"offset":-1,"bucketCounts":["1",300,0]},"negative":{"bucketCounts":[]},"zeroThreshold":0',
  );
  const counts = Buffer.from([1, 0xac, 2, 0]);
  expect(convert('metrics', json)).toEqual(
    pointBytes(10, zigzag(6, -3), message(8, zigzag(1, -1), bytes(2, counts)), message(9)),
  );
});

test('reads ids in hexadecimal of either case, flags and enumerations by number or name', () => {
  const id = '0AF7651916CD43DD8448eb211c80319c';
  const json = (severity: string) => logJson(`"traceId":"${id}","spanId":"","flags":257,"severityNumber":${severity}`);
  const expected = logBytes(bytes(9, Buffer.from(id, 'hex')), fixed32(8, 257), varint(2, 13));
  expect(convert('logs', json('13'))).toEqual(expected);
  expect(convert('logs', json('"SEVERITY_NUMBER_WARN"'))).toEqual(expected);
  expect(convert('logs', json('"13"'))).toEqual(expected);
  for (const text of ['"WARN"', '"constructor"', '-1', '1.5', '4294967296', 'true'])
    expect(() => convert('logs', json(text)), text).toThrow(refused());
  for (const id of ['"0"', '"zz"', '5', '"\\u0030"', '"é"'])
    expect(() => convert('logs', logJson(`"traceId":${id}`)), id).toThrow(refused());
});

test('reads bytes in either alphabet of base64', () => {
  const expected = logBytes(message(5, bytes(7, Buffer.from([251, 255, 254]))));
  for (const text of ['+//+', '-__-', '+\\/\\/+']) {
    expect(convert('logs', logJson(`"body":{"bytesValue":"${text}"}`))).toEqual(expected);
  }
  expect(() => convert('logs', logJson('"body":{"bytesValue":"a b"}'))).toThrow(refused());
});

test('leaves out what it does not know, however it is nested, and names in any other spelling', () => {
  const unknown = '"new":{"a":[1,{"b":"}]\\""},null,true,-1.5e3]},"severity_text":"INFO","SeverityText":"INFO"';
  expect(convert('logs', logJson(`${unknown},"eventName":"e"`))).toEqual(logBytes(bytes(12, 'e')));
  expect(convert('logs', logJson('"event\\u004eame":"e"'))).toEqual(logBytes(bytes(12, 'e')));
});

test('keeps any text as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const expected = logBytes(message(5, bytes(1, text)));
      expect(convert('logs', logJson(`"body":{"stringValue":${JSON.stringify(text)}}`))).toEqual(expected);
      const escaped = [...Array(text.length).keys()].map((i) => text.charCodeAt(i).toString(16).padStart(4, '0'));
      const json = escaped.map((code) => `\\u${code}`).join('');
      expect(convert('logs', logJson(`"body":{"stringValue":"${json}"}`))).toEqual(expected);
    }),
  );
  expect(convert('logs', logJson('"body":{"stringValue":"\\ud800x"}'))).toEqual(
    logBytes(message(5, bytes(1, '\uFFFDx'))),
  );
});

test('keeps the length of texts of any size', () => {
  for (const length of [0, 1, 23, 24, 126, 127, 128, 129, 16_383, 16_384, 16_400, 300_000]) {
    const text = 'x'.repeat(length);
    expect(convert('logs', logJson(`"attributes":[{"key":"k","value":{"stringValue":"${text}"}}]`))).toEqual(
      logBytes(pair(6, 'k', text)),
    );
  }
});

test.each([
  ['nothing', ''],
  ['a list', '[]'],
  ['a request that is cut', '{"resourceLogs":[{'],
  ['a text that is cut', '{"resourceLogs'],
  ['an escape that is cut', '{"a":"\\'],
  ['something behind it', '{} x'],
  ['a comma too many', '{"a":1,}'],
  ['no comma', '{"a":1 "b":2}'],
  ['a list that is no list', '{"resourceLogs":{}}'],
  ['nothing in a list', '{"resourceLogs":[null]}'],
  ['a word that is none', '{"a":nul}'],
  ['a bare name', '{a:1}'],
  ['a line break in a text', '{"a":"\n"}'],
  ['a broken escape', '{"\\x":1}'],
  ['a time below zero', logJson('"timeUnixNano":-1')],
  ['a time beyond 64 bits', logJson('"timeUnixNano":"18446744073709551616"')],
  ['half a nanosecond', logJson('"timeUnixNano":0.5')],
  ['an integer beyond 63 bits', logJson('"body":{"intValue":"9223372036854775808"}')],
  ['a text in place of a number', logJson('"droppedAttributesCount":"x"')],
  ['a number in place of a text', logJson('"severityText":1')],
  ['an integer that does not end', logJson('"timeUnixNano":"12')],
])('refuses %s', (_what, json) => {
  expect(() => convert('logs', json)).toThrow(refused());
});

test('refuses what is not UTF-8', () => {
  const json = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]);
  expect(() => jsonToProtobuf('logs', json, { maxBytes })).toThrow(refused());
});

test('bounds how deep it goes and how much it writes', () => {
  expect(() => convert('logs', `{"a":${'['.repeat(1e6)}`)).toThrow(refused());
  const nest = (depth: number): string =>
    depth === 0 ? '{"intValue":1}' : `{"kvlistValue":{"values":[{"key":"k","value":${nest(depth - 1)}}]}}`;
  expect(walkRequest('logs', convert('logs', logJson(`"body":${nest(99)}`))).records).toBe(1);
  expect(() => walkRequest('logs', convert('logs', logJson(`"body":${nest(100)}`)))).toThrow(refused());
  expect(() => convert('logs', logJson(`"body":${nest(1000)}`))).toThrow(refused());
  const ones = pointJson('histogram', `"bucketCounts":[${'1,'.repeat(999)}1]`);
  expect(jsonToProtobuf('metrics', Buffer.from(ones), { maxBytes: 9000 }).length).toBeGreaterThan(8000);
  expect(() => jsonToProtobuf('metrics', Buffer.from(ones), { maxBytes: 8000 })).toThrow(refused('SX_TOO_LARGE'));
});

test('answers anything at all without breaking', () => {
  const valid = logJson(
    '"body":{"stringValue":"x\\n"},"timeUnixNano":"1763600000123456789","attributes":[{"key":"a"}]',
  );
  fc.assert(
    fc.property(fc.nat(valid.length), fc.nat(8), fc.uint8Array({ maxLength: 8 }), (at, cut, noise) => {
      const json = Buffer.concat([Buffer.from(valid.slice(0, at)), noise, Buffer.from(valid.slice(at + cut))]);
      try {
        walkRequest('logs', jsonToProtobuf('logs', json, { maxBytes }));
      } catch (error) {
        expect(error).toMatchObject({ code: 'SX_BAD_OTLP' });
      }
    }),
    { numRuns: 2000 },
  );
});
