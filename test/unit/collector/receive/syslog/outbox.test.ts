import { ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IncomingBatch } from '../../../../../collector/journal/journal.ts';
import { toLogRecord } from '../../../../../collector/receive/syslog/log-record.ts';
import { readMessage } from '../../../../../collector/receive/syslog/message.ts';
import { createOutbox } from '../../../../../collector/receive/syslog/outbox.ts';
import { openTimeZone } from '../../../../../collector/receive/syslog/time-zone.ts';
import { SextantError } from '../../../../../errors/sextant-error.ts';
import { silentLog as log } from '../../api/site.ts';

const nowMs = Date.UTC(2026, 10, 29);
const zone = openTimeZone('UTC');

const line = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc
    .string({ maxLength: 200 })
    .map((rest) => `<34>1 2026-11-29T12:00:00.123456789+01:00 höst app 42 ID47 [a@1 x="1" x="2"] ${rest}`),
  fc.string({ maxLength: 50 }).map((rest) => `<13>Nov 29 12:00:00 host app[1]: ${rest}`),
  fc.constantFrom(
    '<14>CEF:0|Vendor|Product|1|100|Name|9|src=10.0.0.1 msg=a b rt=1764417600123',
    `<13>Nov 29 12:00:00 host app: ${'x'.repeat(70_000)}`,
  ),
);

test('a batch is byte for byte what the SDK makes of its records', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 40 }), async (lines) => {
      const stored: IncomingBatch[] = [];
      const outbox = createOutbox({
        journal: {
          async append(batch) {
            stored.push(batch);
            return 'stored';
          },
        },
        log,
        onDropped: () => {},
      });
      const records: ReadableLogRecord[] = lines.map((text) =>
        toLogRecord(readMessage(text, { zone, nowMs }), text, {
          ...{ time: [nowMs / 1000, 0], transport: 'tcp', address: '127.0.0.1', cutBytes: 0 },
        }),
      );
      for (const record of records) outbox.add('syslog:a', record);
      await outbox.close({ stillMs: 1000, atMostMs: 1000 });
      const [batch] = stored;
      expect(stored.length).toBe(1);
      expect(batch?.records).toBe(records.length);
      const expected = ProtobufLogsSerializer.serializeRequest(records);
      expect(Buffer.compare(batch?.bytes as Buffer, expected as Uint8Array)).toBe(0);
    }),
  );
});

test('of many peers with a message each the memory is bounded, and their end does not take longer for it', async () => {
  let dropped = 0;
  const outbox = createOutbox(
    {
      journal: { append: () => Promise.reject(new SextantError('SX_BACKLOG_FULL', 'full')) },
      log,
      onDropped: () => {
        dropped += 1;
      },
    },
    { maxWaitingBytes: 4 * 1024 * 1024 },
  );
  const text = '<13>Nov 29 12:00:00 host app[1]: a message';
  const receipt = { time: [nowMs / 1000, 0], transport: 'udp', address: '127.0.0.1', cutBytes: 0 } as const;
  const message = toLogRecord(readMessage(text, { zone, nowMs }), text, { ...receipt, time: [nowMs / 1000, 0] });
  let peers = 0;
  for (; outbox.ready(); peers += 1) outbox.add(`syslog:${peers}`, message);
  // A kibibyte is the least that a batch takes.
  expect(peers).toBeLessThanOrEqual(4096);
  expect(peers).toBeGreaterThan(1000);
  await outbox.close({ stillMs: 50, atMostMs: 5000 });
  expect(dropped).toBe(peers);
  expect(outbox.ready()).toBe(true);
});
