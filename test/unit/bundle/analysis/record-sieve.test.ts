import { expect, test } from 'vitest';
import { createRecordSieve } from '../../../../bundle/analysis/record-sieve.ts';

const mayMatter = createRecordSieve([
  { text: 'I/O error' },
  { text: 'path "C:\\Temp"' },
  { text: 'Größe' },
  { attribute: 'windows.eventlog.event_id', value: '41' },
]);
const line = (body: string, attributes: Record<string, string> = {}): Buffer =>
  Buffer.from(JSON.stringify({ timestamp: '2026-11-28T09:00:00Z', node: 'host-1', body, attributes }));

test.each([
  ['a text', line('sd 0:0:0:0: I/O error, dev sda')],
  ['a text at the end', line('I/O error')],
  ['a text that JSON writes otherwise', line('cannot open path "C:\\Temp" now')],
  ['letters beyond ASCII', line('falsche Größe')],
  ['an attribute', line('rebooted', { 'windows.eventlog.event_id': '41' })],
  ['what another program has escaped', Buffer.from('{"timestamp":"2026-11-28T09:00:00Z","body":"I\\u002fO error"}')],
  ['something else than a record', Buffer.from('{"body":"well"}')],
  ['its end cut off', line('everything is well').subarray(0, -4)],
])('a record with %s is read', (_, bytes) => {
  expect(mayMatter(bytes)).toBe(true);
});

test.each([
  ['another text', line('everything is well')],
  ['the text in other letters', line('i/o ERROR')],
  ['another number that begins alike', line('', { 'windows.eventlog.event_id': '4100' })],
  ['the number in another attribute', line('', { 'windows.eventlog.record_id': '41' })],
])('a record with %s is passed over', (_, bytes) => {
  expect(mayMatter(bytes)).toBe(false);
});
