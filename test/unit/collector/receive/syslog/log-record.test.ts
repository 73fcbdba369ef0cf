import { ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Receipt, toLogRecord } from '../../../../../collector/receive/syslog/log-record.ts';
import { readMessage } from '../../../../../collector/receive/syslog/message.ts';
import { openTimeZone } from '../../../../../collector/receive/syslog/time-zone.ts';
import { walkRequest } from '../../../../../collector/receive/walk.ts';
import { count } from '../../../../long.ts';

const nowMs = Date.parse('2026-11-20T12:30:00Z');
const zone = openTimeZone('UTC');
const receipt: Receipt = { time: [nowMs / 1000, 5], transport: 'tcp', address: '10.0.0.9', cutBytes: 0 };
const recordOf = (text: string, changes: Partial<Receipt> = {}) =>
  toLogRecord(readMessage(text, { zone, nowMs }), text, { ...receipt, ...changes });

test('names what the message says as the OpenTelemetry Collector does, under one prefix', () => {
  expect(recordOf('<165>1 2026-11-20T12:00:00.5Z h a 7 ID [o@1 ip="1" ip="2"][e@1] text')).toMatchObject({
    hrTime: [Date.parse('2026-11-20T12:00:00Z') / 1000, 500_000_000],
    hrTimeObserved: receipt.time,
    severityNumber: 10,
    severityText: 'notice',
    body: 'text',
    attributes: {
      'network.peer.address': '10.0.0.9',
      'network.transport': 'tcp',
      'syslog.priority': 165,
      'syslog.facility': 20,
      'syslog.facility_text': 'local4',
      'syslog.version': 1,
      'syslog.hostname': 'h',
      'syslog.appname': 'a',
      'syslog.procid': '7',
      'syslog.msgid': 'ID',
      'syslog.structured_data.o@1.ip': ['1', '2'],
      'syslog.structured_data.e@1': '',
    },
  });
});

test('names what CEF says, and keeps all of it as the body', () => {
  const cef = 'CEF:0|Microsoft|Microsoft Azure Local|1.0|Service Control Manager:7045|x|8|MasLevel=2 MasChannel=System';
  const record = recordOf(`<83>Nov 20 12:00:00 IRVM01 ${cef}`);
  expect(record).toMatchObject({
    body: cef,
    severityText: 'err',
    attributes: {
      'syslog.hostname': 'IRVM01',
      'cef.version': '0',
      'cef.device_vendor': 'Microsoft',
      'cef.device_product': 'Microsoft Azure Local',
      'cef.device_version': '1.0',
      'cef.signature_id': 'Service Control Manager:7045',
      'cef.name': 'x',
      'cef.severity': '8',
      'cef.ext.MasLevel': '2',
      'cef.ext.MasChannel': 'System',
    },
  });
  expect(record.attributes).not.toHaveProperty('log.record.original');
});

test.each([
  // The table of the control plane's documentation: priority, CEF, what Windows calls it.
  ['<82>', '10', 18],
  ['<83>', '8', 17],
  ['<84>', '5', 13],
  ['<86>', '2', 9],
  ['<87>', '0', 5],
  // One priority for everything: CEF tells more.
  ['<134>', '10', 18],
  ['<134>', 'Very-High', 18],
  ['<134>', 'medium', 13],
  ['<130>', '1', 18],
  ['<134>', 'constructor', 9],
  ['<134>', '', 9],
])('the more severe of priority %s and CEF severity %j counts', (priority, severity, expected) => {
  expect(recordOf(`${priority}CEF:0|v|p|1|id|n|${severity}|`).severityNumber).toBe(expected);
});

test('a payload without a syslog header has its own time and severity', () => {
  expect(recordOf('CEF:0|v|p|1|id|n|9|rt=1763640000123')).toMatchObject({
    hrTime: [1_763_640_000, 123_000_000],
    severityNumber: 18,
    attributes: { 'syslog.malformed': 'no priority at its front', 'cef.name': 'n' },
  });
});

test('marks what is malformed, cut or badly framed', () => {
  const bad = recordOf('plain text', { cutBytes: 7 });
  expect(bad).toMatchObject({ body: 'plain text', hrTime: receipt.time });
  expect(bad.attributes).toMatchObject({ 'syslog.malformed': 'no priority at its front', 'syslog.cut_bytes': 7 });
  expect(recordOf('<1>x', { fault: 'why' }).attributes).toMatchObject({ 'syslog.malformed': 'why' });
});

test('leaves out attributes beyond 128, says how many, and keeps the whole message then', () => {
  const text = `<1>1 - - - - - [x ${Array.from({ length: 200 }, (_, n) => `p${n}="${n}"`).join(' ')}] m`;
  const record = recordOf(text);
  expect(Object.keys(record.attributes)).toHaveLength(128);
  expect(record.attributes['log.record.original']).toBe(text);
  expect(record.droppedAttributesCount).toBe(200 - (128 - 7));
});

const samples = [
  '<165>1 2003-10-11T22:14:15.003Z m.example.com evntslog - ID47 [e@32473 iut="3" x="\\]"] \ufeffAn entry',
  '<34>Oct 11 22:14:15 mymachine su[1]: failed for lonvick',
  '<189>29: *Nov 20 12:00:00.123: %SYS-5-CONFIG_I: Configured',
  '<86>Nov 20 12:00:00 IRVM01 CEF:0|Microsoft|Microsoft Azure Local|1.0|a:4624|Logon|2|MasLevel=4 msg=a\\=b',
  '<13>2026-11-20T12:00:00.5+01:00 host app: x',
];

test('whatever bytes come become a record that the engine can read, and nothing throws', () => {
  const change = fc.tuple(
    fc.nat(),
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom('set', 'insert', 'remove', 'twice'),
  );
  const mutated = fc.tuple(fc.constantFrom(...samples), fc.array(change, { maxLength: 8 })).map(([sample, changes]) => {
    let bytes = [...Buffer.from(sample)];
    for (const [place, byte, how] of changes) {
      const at = place % (bytes.length + 1);
      if (how === 'set') bytes[at] = byte;
      else if (how === 'insert') bytes.splice(at, 0, byte);
      else if (how === 'remove') bytes.splice(at, 1 + (byte % 4));
      else bytes = [...bytes.slice(0, at), ...bytes.slice(Math.max(0, at - byte))];
    }
    return Buffer.from(bytes);
  });
  const anything = fc.oneof({ weight: 4, arbitrary: mutated }, fc.uint8Array({ maxLength: 200 }).map(Buffer.from));
  fc.assert(
    fc.property(anything, (bytes) => {
      const text = bytes.toString('utf8');
      const record = recordOf(text);
      const request = ProtobufLogsSerializer.serializeRequest([record]);
      expect(walkRequest('logs', Buffer.from(request ?? [])).records).toBe(1);
      expect(record.hrTime[0]).toBeGreaterThanOrEqual(0);
      expect(Number.isInteger(record.hrTime[0]) && Number.isInteger(record.hrTime[1])).toBe(true);
      // Nothing that was said is lost: the body or the attributes hold it.
      if (record.attributes['syslog.malformed'] !== undefined) expect(record.body).toBe(text);
    }),
    { numRuns: count(3000, 100_000) },
  );
});
