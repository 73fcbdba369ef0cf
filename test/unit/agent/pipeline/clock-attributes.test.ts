import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { expect, test } from 'vitest';
import { clockAttributes, createClockAttributes } from '../../../../agent/pipeline/clock-attributes.ts';
import { createLogEncoder } from '../../../../agent/pipeline/log-encoder.ts';
import { createResource } from '../../../../agent/pipeline/resource.ts';
import { walkRequest } from '../../../../collector/receive/walk.ts';

const now = { offsetMs: undefined as number | undefined, boundMs: undefined as number | undefined };
const clock = { ms: () => now.offsetMs, boundMs: () => now.boundMs };

test('says nothing before the clock was measured, and something else only when it has moved', () => {
  const bytes = createClockAttributes(clock);
  expect(bytes()).toHaveLength(0);
  now.offsetMs = -90_000.4;
  now.boundMs = 2;
  const first = bytes();
  expect(first.includes(clockAttributes.offset)).toBe(true);
  expect(first.readDoubleLE(first.indexOf(0x21) + 1)).toBe(-90_000);
  now.offsetMs += 4;
  expect(bytes()).toBe(first);
  now.offsetMs += 4;
  expect(bytes()).not.toBe(first);
});

test('what comes of it is a request that the collector takes', () => {
  const records: ReadableLogRecord[] = [];
  const provider = new LoggerProvider({
    resource: createResource({ serviceVersion: '1', instanceId: 'i' }),
    processors: [{ onEmit: (record) => records.push(record), forceFlush: async () => {}, shutdown: async () => {} }],
  });
  provider.getLogger('files').emit({ body: 'a line' });
  const encoder = createLogEncoder();
  for (const record of records) encoder.add(record);
  expect(encoder.counts()).toEqual({ files: 1 });
  const request = encoder.take(createClockAttributes({ ms: () => 3, boundMs: () => 1 })());
  expect(walkRequest('logs', request).records).toBe(1);
  expect(request.includes(clockAttributes.bound)).toBe(true);
});
