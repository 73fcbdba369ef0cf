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
