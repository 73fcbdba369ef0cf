import { expect, test } from 'vitest';
import { keepRecords, logRecords } from '../../../../agent/otlp/log-records.ts';
import { wantedLogs } from '../../../../agent/ring/thin.ts';
import { bytes, fixed64, message, pair, varint } from '../../collector/store/wire.ts';

const resource = message(1, pair(1, 'service.name', 'svc'));
const record = (body: string, severity: number): Buffer =>
  message(2, fixed64(1, 5n), varint(2, severity), message(5, bytes(1, body)), pair(6, 'log.record.uid', body));
const scopeLogs = (path: string, ...records: Buffer[]): Buffer =>
  message(2, message(1, bytes(1, 'files')), pair(20, 'log.file.path', path), ...records, bytes(3, 'url'));
const request = message(
  1,
  resource,
  scopeLogs('/var/log/audit.log', record('a1', 9), record('a2', 9)),
  scopeLogs('/var/log/chat.log', record('c1', 9), record('c2', 17)),
  message(2, message(1, bytes(1, 'files'), pair(3, 'log.file.path', '/scope')), record('s1', 9)),
);

const read = (payload: Buffer) => [...logRecords(payload)].map((found) => found.read());
const audit = { 'log.file.path': '/var/log/audit.log' };

test('each record has the attributes that its ScopeLogs carries for all of them, and no scope’s own', () => {
  expect(read(request)).toEqual([
    { body: 'a1', attributes: { ...audit, 'log.record.uid': 'a1' } },
    { body: 'a2', attributes: { ...audit, 'log.record.uid': 'a2' } },
    { body: 'c1', attributes: { 'log.file.path': '/var/log/chat.log', 'log.record.uid': 'c1' } },
    { body: 'c2', attributes: { 'log.file.path': '/var/log/chat.log', 'log.record.uid': 'c2' } },
    { body: 's1', attributes: { 'log.record.uid': 's1' } },
  ]);
});

test('what is kept of a request keeps them too, and thinning finds a file by them', () => {
  const kept = keepRecords(request, wantedLogs(['/var/log/audit*']));
  expect(kept?.records).toBe(3);
  expect(read(kept?.payload ?? Buffer.alloc(0))).toEqual(read(request).filter(({ body }) => /^a|c2/.test(body)));
  expect(keepRecords(request, () => true)?.records).toBe(5);
});
