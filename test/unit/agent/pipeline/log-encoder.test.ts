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

test('writes exactly the bytes of the SDK’s own serializer, batch after batch', () => {
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
