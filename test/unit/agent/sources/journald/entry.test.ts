import { readFileSync } from 'node:fs';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { expect, test } from 'vitest';
import { parseJournalEntry } from '../../../../../agent/sources/journald/entry.ts';
import { createLineCutter } from '../../../../../agent/sources/journald/json-lines.ts';

const recorded = readFileSync('test/data/linux-node/journal.ndjson', 'utf8').trimEnd().split('\n');

test('maps a recorded entry to a log record', () => {
  const entry = parseJournalEntry(recorded[1] ?? '', 1);
  expect(entry?.record).toEqual({
    body: 'hello 1',
    severityNumber: SeverityNumber.ERROR,
    severityText: 'err',
    observedTimestamp: 1,
    timestamp: [1795174874, 890854000],
    attributes: {
      'log.record.uid': '92547620ebe445a79a71fa1699a88b0b-2',
      'systemd.unit': 'demo.service',
      'syslog.identifier': 'demo',
      'process.executable.name': 'demo',
      'process.pid': 101,
      'journald.transport': 'stdout',
    },
  });
});

test('decodes a message that holds unprintable bytes', () => {
  expect(parseJournalEntry(recorded[3] ?? '', 1)?.record.body).toBe('bin\0�\x1b[31mred\nline two');
});

test('joins a field that repeats', () => {
  const line = JSON.stringify({ __CURSOR: 's=1;i=2', MESSAGE: ['one', [116, 119, 111]] });
  expect(parseJournalEntry(line, 1)?.record.body).toBe('one\ntwo');
});

test('takes nothing from a line that is no entry', () => {
  expect(parseJournalEntry('-- No entries --', 1)).toBeUndefined();
  expect(parseJournalEntry('{}', 1)).toBeUndefined();
});

test('cuts lines across chunks and passes over those beyond the bound', () => {
  const cutter = createLineCutter(10);
  expect(cutter.push(Buffer.from('ab'))).toEqual([]);
  expect(cutter.push(Buffer.from('c\nde\nf'))).toEqual(['abc', 'de']);
  expect(cutter.push(Buffer.from('0123456789'))).toEqual([]);
  expect(cutter.push(Buffer.from('more of it\nshort\n'))).toEqual(['short']);
  expect(cutter.push(Buffer.from('01234567890\nok\n'))).toEqual(['ok']);
  expect(cutter.oversized()).toBe(2);
});

test.each(['null', '7', '"text"', '[]', '{}', '{"__CURSOR":7}', '{', ''])('takes %s for no entry', (line) => {
  expect(parseJournalEntry(line, 1)).toBeUndefined();
});

test('leaves out what is no number or no time, as an imported journal can have it', () => {
  const entry = (more: object) => parseJournalEntry(JSON.stringify({ __CURSOR: 's=1a;i=2', ...more }), 5)?.record;
  expect(entry({ _UID: ['0', '0'], _PID: '9'.repeat(30) })?.attributes).toEqual({ 'log.record.uid': '1a-2' });
  expect(entry({ _UID: '0', _PID: '7' })?.attributes).toMatchObject({ 'process.user.id': 0, 'process.pid': 7 });
  expect(entry({ _SOURCE_REALTIME_TIMESTAMP: '9'.repeat(40) })?.timestamp).toBe(5);
  expect(entry({ MESSAGE: [[65, 66], 'C', null] })?.body).toBe('AB\nC');
});
