import fc from 'fast-check';
import { expect, test } from 'vitest';
import { walkRequest } from '../../../../collector/receive/walk.ts';
import { encodeMark } from '../../../../protocol/batch.ts';
import { signals } from '../../../../protocol/headers.ts';
import { logsRequest } from '../store/otlp-requests.ts';
import { bytes, double, fixed64, message, pair, varint } from '../store/wire.ts';

const lines = [{ body: 'one', attributes: { a: 1 } }, { body: 'two' }];

test('counts the records of a request that an SDK wrote', () => {
  expect(walkRequest('logs', logsRequest(lines))).toEqual({
    records: 2,
    outline: { nested: false, recordAttributes: false, metricKinds: 0 },
    deep: false,
  });
});

test('sees arrays and maps among the values', () => {
  expect(walkRequest('logs', logsRequest([{ body: 'x', attributes: { list: ['a'] } }])).outline.nested).toBe(true);
});

test('sees attributes that a ScopeLogs carries for its records, and no others', () => {
  const request = (...fields: Buffer[]): Buffer => message(1, message(2, ...fields, message(2, pair(6, 'own', 'v'))));
  const { records, outline } = walkRequest('logs', request(pair(20, 'log.file.path', '/a')));
  expect({ records, ...outline }).toEqual({ records: 1, nested: false, recordAttributes: true, metricKinds: 0 });
  const scope = message(1, bytes(1, 'files'), pair(3, 'log.file.path', '/a'));
  expect(walkRequest('logs', request(scope)).outline.recordAttributes).toBe(false);
  const spans = message(1, message(2, pair(20, 'log.file.path', '/a')));
  expect(walkRequest('traces', spans).outline.recordAttributes).toBe(false);
  expect(() => walkRequest('logs', request(varint(20, 1)))).toThrow(/field 20 has the wrong wire type/);
});

test('says which kinds of metrics there are', () => {
  const metric = (field: number): Buffer => message(2, message(field, message(1, fixed64(3, 1n))));
  const request = message(1, message(2, metric(5), metric(11)));
  expect(walkRequest('metrics', request)).toMatchObject({ records: 2, outline: { metricKinds: (1 << 5) | (1 << 11) } });
});

test('takes an empty request for one without records', () => {
  expect(walkRequest('traces', Buffer.alloc(0)).records).toBe(0);
});

test.each([
  ['a length that runs past its message', Buffer.from([0x0a, 0x05, 0x00])],
  ['a request that is cut', logsRequest(lines).subarray(0, -1)],
  ['text', Buffer.from('{"resourceLogs":[]}')],
  ['a known field of the wrong type', message(1, message(2, message(2, varint(1, 5))))],
  ['a value that is two things at once', message(1, message(1, message(1, message(2, varint(3, 1), double(4, 1)))))],
  ['a group', Buffer.from([0x0b, 0x0c])],
  ['field 0', Buffer.from([0x02, 0x00])],
  [
    'a varint of eleven bytes',
    Buffer.concat([message(1, message(1, Buffer.from([0x10, ...Array(10).fill(0xff), 1])))]),
  ],
])('refuses %s', (_what, request) => {
  expect(() => walkRequest('logs', request)).toThrow(expect.objectContaining({ code: 'SX_BAD_OTLP' }));
});

test('lets nobody write the collector’s own fields', () => {
  const mark = { node: 'other', stream: 's', epoch: 'e', sequence: 1n, crc32: 0, receivedUnixNano: 1n };
  const forged = Buffer.concat([logsRequest(lines), encodeMark(mark)]);
  expect(() => walkRequest('logs', forged)).toThrow(/field 1000 is not allowed/);
});

test('bounds how deep values nest', () => {
  const nest = (depth: number): Buffer => (depth === 0 ? bytes(1, 'x') : message(5, message(1, nest(depth - 1))));
  const request = (depth: number): Buffer =>
    message(1, message(2, message(2, message(5, nest(depth)), pair(6, 'a', 'b'))));
  expect(walkRequest('logs', request(1)).deep).toBe(false);
  expect(walkRequest('logs', request(2)).deep).toBe(true);
  expect(walkRequest('logs', request(99)).records).toBe(1);
  expect(() => walkRequest('logs', request(100))).toThrow(/nested too deep/);
  expect(() => walkRequest('logs', request(5000))).toThrow(/nested too deep/);
});

test('answers anything at all without breaking', () => {
  fc.assert(
    fc.property(fc.constantFrom(...signals), fc.uint8Array({ maxLength: 64 }), (signal, noise) => {
      try {
        expect(walkRequest(signal, noise).records).toBeGreaterThanOrEqual(0);
      } catch (error) {
        expect(error).toMatchObject({ code: 'SX_BAD_OTLP' });
      }
    }),
  );
});
