import type { AnyValue } from '@opentelemetry/api-logs';
import { ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLogEncoder } from '../../../../agent/pipeline/log-encoder.ts';
import { createResource } from '../../../../agent/pipeline/resource.ts';
import { count } from '../../../long.ts';

const resource = createResource({ serviceVersion: '0.0.0', instanceId: 'über-1' });

/** The records as the SDK hands them to a processor. */
function emitted(emit: (provider: LoggerProvider) => void): ReadableLogRecord[] {
  const records: ReadableLogRecord[] = [];
  emit(
    new LoggerProvider({
      resource,
      processors: [{ onEmit: (record) => records.push(record), forceFlush: async () => {}, shutdown: async () => {} }],
    }),
  );
  return records;
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom(
    '',
    'a'.repeat(127),
    'b'.repeat(128),
    'é'.repeat(64),
    'c'.repeat(16_384),
    '\ud800',
    '日'.repeat(6000),
  ),
);
const value = fc.oneof(
  text,
  fc.boolean(),
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 53, -1),
  fc.array(fc.string(), { maxLength: 3 }),
);
const time = fc.oneof(
  fc.integer({ min: 0, max: 4_102_444_800_000 }),
  fc.tuple(fc.integer({ min: 0, max: 2 ** 33 }), fc.integer({ min: 0, max: 999_999_999 })),
);
const record = fc.record(
  {
    timestamp: time,
    observedTimestamp: time,
    severityNumber: fc.integer({ min: 0, max: 24 }),
    severityText: text,
    eventName: fc.string(),
    body: fc.oneof(text, text, value, fc.dictionary(fc.string(), value)),
    attributes: fc.dictionary(fc.oneof(fc.constantFrom('path', 'name', 'uid'), fc.string({ minLength: 1 })), value),
  },
  { requiredKeys: [] },
);

test('writes exactly the bytes of the SDK’s own serializer, batch after batch', {
  timeout: count(30_000, 300_000),
}, () => {
  const encoder = createLogEncoder();
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('files', 'journald', 'ü'), record), { maxLength: 12 }), (plan) => {
      const records = emitted((provider) => {
        for (const [scope, { body, ...rest }] of plan) {
          provider.getLogger(scope).emit({ ...rest, body: body as AnyValue });
        }
      });
      if (records.length === 0) return;
      for (const each of records) encoder.add(each);
      expect(encoder.records).toBe(records.length);
      // A fresh provider has fresh scopes: the encoder meets them in this batch's order.
      expect(encoder.take().equals(ProtobufLogsSerializer.serializeRequest(records) ?? Buffer.alloc(0))).toBe(true);
      expect(encoder.records).toBe(0);
    }),
    { numRuns: count(300, 20_000) },
  );
});

const origin = fc.record({ path: text, name: fc.string(), uid: fc.stringMatching(/^[\w-]{0,16}$/) });
const line = fc.record({
  body: text,
  origin: fc.nat({ max: 2 }),
  place: fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(0, 35, 36, 36 ** 5 - 1, 36 ** 5)),
  seconds: fc.integer({ min: 0, max: 4_102_444_800 }),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
  observedUnixMs: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  severity: fc.option(fc.record({ number: fc.integer({ min: 1, max: 24 }), text: fc.string({ minLength: 1 }) })),
  part: fc.constantFrom(undefined, undefined, 'start', 'middle', 'end'),
});

test('writes a line as the bytes that the SDK’s serializer makes of the same record', () => {
  const encoder = createLogEncoder();
  fc.assert(
    fc.property(fc.tuple(origin, origin, origin), fc.array(line, { minLength: 1, maxLength: 12 }), (files, lines) => {
      const origins = files.map(({ path, name, uid }) => ({
        attributes: { 'log.file.name': name, 'log.file.path': path },
        uid,
      }));
      const originOf = (index: number) => origins[index] ?? { attributes: {}, uid: '' };
      const records = emitted((provider) => {
        for (const { body, part, severity, ...rest } of lines) {
          const { attributes, uid } = originOf(rest.origin);
          provider.getLogger('files').emit({
            body,
            timestamp: [rest.seconds, rest.nanos],
            // As seconds and nanoseconds: the SDK takes small numbers for times since the start.
            observedTimestamp: [Math.floor(rest.observedUnixMs / 1000), (rest.observedUnixMs % 1000) * 1e6],
            ...(severity && { severityNumber: severity.number, severityText: severity.text }),
            attributes: {
              ...attributes,
              'log.record.uid': `${uid}-${rest.place.toString(36)}`,
              ...(part && { 'sextant.log.split': part }),
            },
          });
        }
      });
      for (const [index, { body, origin: from, severity, ...rest }] of lines.entries()) {
        const bytes = Buffer.from(`<${body}>`);
        const like = records[index];
        if (!like) throw new Error('BUG: a record is missing');
        encoder.addLine(
          { ...rest, bytes, start: 1, end: bytes.length - 1, origin: originOf(from), severity: severity ?? undefined },
          like,
        );
      }
      expect(encoder.take().equals(ProtobufLogsSerializer.serializeRequest(records) ?? Buffer.alloc(0))).toBe(true);
    }),
    { numRuns: count(300, 20_000) },
  );
});
