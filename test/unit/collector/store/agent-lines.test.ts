import { ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogEncoder } from '../../../../agent/pipeline/log-encoder.ts';
import { createResource } from '../../../../agent/pipeline/resource.ts';
import { walkRequest } from '../../../../collector/receive/walk.ts';
import { openStore } from './open-store.ts';

let site: Awaited<ReturnType<typeof openStore>>;
beforeAll(async () => {
  site = await openStore();
});
afterAll(() => site.close());

async function stored(request: Buffer): Promise<unknown[]> {
  const { outline } = walkRequest('logs', request);
  const file = { ...site.writeFile('logs', [request]), outline };
  await site.store.insertJournalFile(file);
  const { rows } = await site.store.query(
    `SELECT * EXCEPT JournalFile, mapKeys(LogAttributes) AS keys FROM otel_logs
     WHERE JournalFile = {number:UInt64} ORDER BY _block_number, _block_offset`,
    { parameters: { number: Number(/\d{20}/.exec(file.name)?.[0]) } },
  );
  return rows;
}

test('lines of files that follow one another are stored as the same rows that the SDK’s records of them make', async () => {
  const records: ReadableLogRecord[] = [];
  const provider = new LoggerProvider({
    resource: createResource({ serviceVersion: '0.0.0', instanceId: 'i' }),
    processors: [{ onEmit: (record) => records.push(record), forceFlush: async () => {}, shutdown: async () => {} }],
  });
  const files = provider.getLogger('files');
  const journald = provider.getLogger('journald');
  const encoder = createLogEncoder();
  const origins = ['/var/log/a.log', '/var/log/bär/b.log'].map((path, at) => ({
    attributes: { 'log.file.name': path.slice(path.lastIndexOf('/') + 1), 'log.file.path': path },
    uid: `0a1b-${at}`,
  }));
  const seconds = 1_790_000_000;
  for (let place = 0; place < 400; place += 1) {
    const emits = place % 50 === 49;
    const origin = origins[Math.floor(place / 30) % 2];
    if (!origin) throw new Error('BUG: no such file');
    const part = place % 70 === 0 ? ('start' as const) : undefined;
    const body = `line ${place}`;
    if (emits)
      files.emit({ body: `lost ${place}`, timestamp: [seconds, place], attributes: { 'log.file.path': '/c' } });
    else {
      files.emit({
        ...{ body, timestamp: [seconds, place], observedTimestamp: [seconds, 5_000_000] },
        ...{ severityNumber: 9, severityText: 'INFO' },
        attributes: {
          ...origin.attributes,
          'log.record.uid': `${origin.uid}-${place.toString(36)}`,
          ...(part && { 'sextant.log.split': part }),
        },
      });
    }
    const record = records.at(-1);
    if (!record) throw new Error('BUG: the SDK kept a record back');
    const bytes = Buffer.from(body);
    if (emits) encoder.add(record);
    else {
      encoder.addLine(
        {
          ...{ bytes, start: 0, end: bytes.length, origin, place, seconds, nanos: place, part },
          ...{ observedUnixMs: seconds * 1000 + 5, severity: { number: 9, text: 'INFO' } },
        },
        record,
      );
    }
    if (place % 90 === 0) {
      journald.emit({ body: `unit ${place}`, timestamp: [seconds, place], attributes: { 'systemd.unit': 'u' } });
      encoder.add(records.at(-1) ?? record);
    }
  }
  const before = await stored(Buffer.from(ProtobufLogsSerializer.serializeRequest(records) ?? []));
  const after = await stored(encoder.take());
  expect(after).toHaveLength(records.length);
  expect(after).toEqual(before);
});
