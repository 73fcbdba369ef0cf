import { expect, test } from 'vitest';
import { type BundleLogLine, readLogLine } from '../../../../collector/case/bundle-lines.ts';
import { logsRequest } from '../../../../collector/case/otlp-from-lines.ts';
import { openStore } from '../store/open-store.ts';

const trace = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), eventName: 'checkout' };

test('a case stores a line of a bundle as the site had it: resource, trace and event name too', async () => {
  const lines = [
    {
      attributes: { 'service.name': 'shop', 'otel.scope.name': 'files' },
      resource: { 'k8s.pod.name': 'shop-1' },
      ...trace,
    },
    {
      attributes: { 'service.name': 'own', 'otel.scope.name': 'mine' },
      resource: { 'k8s.pod.name': 'shop-1', 'service.name': 'shop' },
      ...trace,
    },
    { attributes: { 'service.name': 'shop' }, traceId: '[masked]', spanId: 'x' },
  ].map((line, at) => ({
    timestamp: `2026-09-21T11:20:0${at}Z`,
    node: 'otlp:a',
    severity: 'info',
    body: 'b',
    ...line,
  }));
  const read = lines.map((line) => readLogLine(JSON.stringify(line)) as BundleLogLine);
  expect(read).toEqual(lines);

  const { store, writeFile, close } = await openStore();
  try {
    await store.insertJournalFile(writeFile('logs', [logsRequest(read, ({ timestamp }) => timestamp)]));
    const { rows } = await store.query(
      `SELECT TraceId, SpanId, EventName, ServiceName, ScopeName, ResourceAttributes, LogAttributes
       FROM otel_logs ORDER BY Timestamp`,
    );
    const stored = { TraceId: trace.traceId, SpanId: trace.spanId, EventName: trace.eventName, ServiceName: 'shop' };
    const ResourceAttributes = { 'service.name': 'shop', 'k8s.pod.name': 'shop-1' };
    const uid = (at: number) => ({ 'log.record.uid': `2026-09-21T11:20:0${at}Z` });
    expect(rows).toEqual([
      { ...stored, ScopeName: 'files', ResourceAttributes, LogAttributes: uid(0) },
      { ...stored, ScopeName: 'mine', ResourceAttributes, LogAttributes: { 'service.name': 'own', ...uid(1) } },
      {
        ...{ ...stored, TraceId: '', SpanId: '', EventName: '', ScopeName: '' },
        ...{ ResourceAttributes: { 'service.name': 'shop' }, LogAttributes: uid(2) },
      },
    ]);
  } finally {
    await close();
  }
});
