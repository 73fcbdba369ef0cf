import type { AnyValue } from '@opentelemetry/api-logs';
import { ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { logRecords } from '../../../../agent/otlp/log-records.ts';
import { createLogEncoder, type LogEncoder } from '../../../../agent/pipeline/log-encoder.ts';
import { createResource } from '../../../../agent/pipeline/resource.ts';
import type { Severity } from '../../../../agent/sources/files/severity.ts';
import type { Line, LineOrigin } from '../../../../agent/sources/line-sink.ts';
import { takeApart } from '../../../../protocol/otlp/record-encoder.ts';
import { collectGarbage } from '../../../collect-garbage.ts';
import { count } from '../../../long.ts';
import { patient } from '../../../patience.ts';
import { message, pair } from '../../collector/store/wire.ts';

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

interface PlannedLine extends Omit<Line, 'bytes' | 'start' | 'end' | 'origin' | 'severity'> {
  body: string;
  origin: number;
  severity: Severity | null;
}

const originsOf = (files: readonly { path: string; name: string; uid: string }[]): LineOrigin[] =>
  files.map(({ path, name, uid }) => ({ attributes: { 'log.file.name': name, 'log.file.path': path }, uid }));

/** The records that the SDK would make of the lines; those of a ScopeLogs are without what it says for them. */
function sdkRecords(lines: readonly PlannedLine[], origins: readonly LineOrigin[], shared: boolean) {
  return emitted((provider) => {
    for (const { body, part, severity, origin: from, ...rest } of lines) {
      provider.getLogger('files').emit({
        body,
        timestamp: [rest.seconds, rest.nanos],
        // As seconds and nanoseconds: the SDK takes small numbers for times since the start.
        observedTimestamp: [Math.floor(rest.observedUnixMs / 1000), (rest.observedUnixMs % 1000) * 1e6],
        ...(severity && { severityNumber: severity.number, severityText: severity.text }),
        attributes: {
          ...(shared ? {} : origins[from]?.attributes),
          'log.record.uid': `${origins[from]?.uid}-${rest.place.toString(36)}`,
          ...(part && { 'sextant.log.split': part }),
        },
      });
    }
  });
}

function addLine(
  encoder: LogEncoder,
  { body, origin: from, severity, ...rest }: PlannedLine,
  origins: readonly LineOrigin[],
  like: ReadableLogRecord | undefined,
): void {
  const bytes = Buffer.from(`<${body}>`);
  const itsOrigin = origins[from];
  if (!like || !itsOrigin) throw new Error('BUG: a record is missing');
  encoder.addLine(
    { ...rest, bytes, start: 1, end: bytes.length - 1, origin: itsOrigin, severity: severity ?? undefined },
    like,
  );
}

test('writes lines as the records of the SDK’s serializer, each file’s attributes once before what follows of it', () => {
  const encoder = createLogEncoder();
  fc.assert(
    fc.property(fc.tuple(origin, origin, origin), fc.array(line, { minLength: 1, maxLength: 12 }), (files, lines) => {
      const origins = originsOf(files);
      const records = sdkRecords(lines, origins, true);
      const runs: { from: number; records: Buffer[] }[] = [];
      for (const [index, each] of lines.entries()) {
        addLine(encoder, each, origins, records[index]);
        if (runs.at(-1)?.from !== each.origin) runs.push({ from: each.origin, records: [] });
        const record = records[index];
        if (record) runs.at(-1)?.records.push(takeApart(record).recordField);
      }
      const [first] = records;
      if (!first) throw new Error('BUG: a record is missing');
      const { resourceField, scopeField } = takeApart(first);
      const shared = (from: number): Buffer[] =>
        Object.entries(origins[from]?.attributes ?? {}).map(([key, value]) => pair(20, key, value));
      const scopeLogs = runs.map((run) => message(2, scopeField, ...shared(run.from), ...run.records));
      expect(encoder.take().equals(message(1, resourceField, ...scopeLogs))).toBe(true);
    }),
    { numRuns: count(300, 20_000) },
  );
});

test('read back, lines and records of one scope are what the SDK would have sent, in their order, batch after batch', () => {
  const encoder = createLogEncoder();
  // What is no text in UTF-8 is read back as something else, by the SDK's own bytes as well.
  const whole = (text: string): boolean => text.isWellFormed();
  const plans = fc.array(fc.oneof(line, line, fc.record({ emits: text.filter(whole) })), {
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(fc.tuple(origin, origin, origin), plans, (files, plan) => {
      const origins = originsOf(files);
      const records = plan.flatMap((each) =>
        'emits' in each
          ? emitted((provider) => provider.getLogger('files').emit({ body: each.emits, attributes: { lost: '1' } }))
          : sdkRecords([each], origins, false),
      );
      const [like] = records;
      for (const [index, each] of plan.entries()) {
        const record = records[index];
        if (!record || !like) throw new Error('BUG: a record is missing');
        // One scope for all, as a pipeline has it.
        if ('emits' in each) encoder.add(Object.assign(record, { instrumentationScope: like.instrumentationScope }));
        else addLine(encoder, each, origins, like);
      }
      expect(encoder.records).toBe(plan.length);
      const serialized = records.flatMap((record) => readBack(ProtobufLogsSerializer.serializeRequest([record])));
      expect(encoder.counts()).toEqual({ files: plan.length });
      expect(readBack(encoder.take())).toEqual(serialized);
    }),
    { numRuns: count(300, 20_000) },
  );
});

const readBack = (request: Uint8Array = Buffer.alloc(0)) =>
  [...logRecords(Buffer.from(request))].map((record) => ({
    ...{ scope: record.scope, service: record.service, unixNano: record.unixNano },
    severityNumber: record.severityNumber,
    ...record.read(),
    keys: Object.keys(record.read().attributes),
  }));

test('lines of many files in turns take hardly more than with the attributes in each record, those of one file far less', () => {
  const origins = originsOf(
    Array.from({ length: 7 }, (_, at) => ({
      name: `a${at}.log`,
      path: `/var/log/app/a${at}.log`,
      uid: `0f1e2d-${at}`,
    })),
  );
  const lines = Array.from({ length: 700 }, (_, at) => ({
    ...{ body: `request ${at} served in ${at % 89} ms`, origin: at % 7, place: at * 30, severity: null },
    ...{ seconds: 1_790_000_000, nanos: at, observedUnixMs: 1_790_000_000_000, part: undefined },
  }));
  const sizeOf = (planned: typeof lines): number => {
    const encoder = createLogEncoder();
    const [like] = sdkRecords(planned, origins, true);
    for (const each of planned) addLine(encoder, each, origins, like);
    const { bytes } = encoder;
    const { length } = encoder.take();
    // What a batch is cut by.
    expect(Math.abs(length - bytes)).toBeLessThan(700 * 4 + 400);
    return length;
  };
  const before = ProtobufLogsSerializer.serializeRequest(sdkRecords(lines, origins, false))?.length ?? 0;
  expect(sizeOf(lines)).toBeLessThan(before * 1.1);
  expect(sizeOf(lines.toSorted((a, b) => a.origin - b.origin))).toBeLessThan(before * 0.7);
});

test('gives back what a burst made it take, though no batch comes after it, and goes on as before', async () => {
  const [first] = emitted((provider) => provider.getLogger('files').emit({ body: 'x'.repeat(4000) }));
  const record = first as ReadableLogRecord;
  const encoder = createLogEncoder();
  encoder.add(record);
  const small = Buffer.from(encoder.take());
  const burst = (): WeakRef<ArrayBufferLike> => {
    for (let n = 0; n < 1000; n++) encoder.add(record);
    const request = encoder.take();
    encoder.recycle(request);
    return new WeakRef(request.buffer);
  };
  const buffer = burst();
  await new Promise(setImmediate);
  collectGarbage();
  expect(buffer.deref()?.byteLength).toBeGreaterThan(4_000_000);
  encoder.giveBack();
  await vi.waitFor(() => {
    collectGarbage();
    expect(buffer.deref() === undefined).toBe(true);
  }, patient);
  encoder.add(record);
  encoder.giveBack();
  expect(encoder.take()).toEqual(small);
});
