import fc from 'fast-check';
import { expect, test } from 'vitest';
import { spellOutDeepValues } from '../../../../collector/receive/deep-values.ts';
import { valueText } from '../../../../collector/receive/value-text.ts';
import { walkRequest } from '../../../../collector/receive/walk.ts';
import { count } from '../../../long.ts';
import { bytes, double, fixed64, message, pair, varint } from '../store/wire.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A JSON value as an AnyValue: whole numbers as int_value, others as double_value. */
function anyValue(value: Json): Buffer {
  if (value === null) return Buffer.alloc(0);
  if (typeof value === 'string') return bytes(1, value);
  if (typeof value === 'boolean') return varint(2, value ? 1 : 0);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? varint(3, value) : double(4, value);
  if (Array.isArray(value)) return message(5, ...value.map((item) => message(1, anyValue(item))));
  const pairs = Object.entries(value).map(([key, item]) => message(1, bytes(1, key), message(2, anyValue(item))));
  return message(6, ...pairs);
}
const logs = (...values: Buffer[]): Buffer =>
  message(
    1,
    message(1, pair(1, 'service.name', 'app')),
    message(
      2,
      message(1, bytes(1, 'scope')),
      ...values.map((value) => message(2, fixed64(1, 5n), message(5, value), pair(6, 'k', 'v'))),
    ),
  );
/** The text that a value became, which the request holds in its place. */
function textOf(value: Buffer): { text: string; left: number } {
  const told = valueText(value, 1e6);
  const { bytes: made, left } = spellOutDeepValues('logs', logs(value), { maxBytes: 1e6 });
  expect(made.equals(logs(bytes(1, told.text)))).toBe(true);
  expect(left).toBe(told.left);
  return told;
}
const nest = (levels: number): Json => (levels === 0 ? 'x' : [nest(levels - 1)]);

test('a deep value becomes its JSON text, and nothing else in the request changes', () => {
  const value: Json = { a: [{ b: [1, -2, 0.5, true, false, null, '', 'q"\n'] }], c: {} };
  const request = logs(bytes(1, 'before'), anyValue(value), anyValue(['flat']), Buffer.alloc(0));
  expect(walkRequest('logs', request).deep).toBe(true);
  const { bytes: made, left } = spellOutDeepValues('logs', request, { maxBytes: 1e6 });
  const text = bytes(1, JSON.stringify(value));
  expect(made).toEqual(logs(bytes(1, 'before'), text, anyValue(['flat']), Buffer.alloc(0)));
  expect(walkRequest('logs', made)).toMatchObject({ records: 4, deep: false });
  expect(left).toBe(0);
});

test('values of every kind, zero and unset told apart, bytes in base64', () => {
  const list = (...values: Buffer[]): Buffer => message(5, ...values.map((one) => message(1, one)));
  const values = list(
    varint(3, 0),
    varint(3, 9_223_372_036_854_775_807n),
    varint(3, -5),
    double(4, 0),
    double(4, Number.NaN),
    double(4, Number.NEGATIVE_INFINITY),
    bytes(7, Buffer.from([0, 255])),
    bytes(7, ''),
    bytes(1, ''),
    varint(2, 0),
    Buffer.alloc(0),
    message(5),
    message(6),
  );
  expect(textOf(list(list(values)))).toEqual({
    text: '[[[0,9223372036854775807,-5,0,"nan","-inf","AP8=","","",false,null,[],{}]]]',
    left: 0,
  });
});

test('any JSON value is the same after as before', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 12 }), (value) => {
      const wrapped = [[[value as Json]]];
      expect(JSON.parse(textOf(anyValue(wrapped)).text)).toEqual(JSON.parse(JSON.stringify(wrapped)));
    }),
    { numRuns: count(300, 20_000) },
  );
});

test('what nests deeper than 32 levels is left out, said in its place, and counted', () => {
  expect(textOf(anyValue(nest(32)))).toEqual({ text: `${'['.repeat(32)}"x"${']'.repeat(32)}`, left: 0 });
  const { text, left } = textOf(anyValue(nest(40)));
  expect(text).toBe(`${'['.repeat(32)}"[left out: nested deeper than 32 levels]"${']'.repeat(32)}`);
  expect(left).toBe(1);
});

test('a text that would be too large is cut, said in its place, and counted', () => {
  const value = anyValue([[['\u0001'.repeat(1000)], ['y'.repeat(1000)]], 'z']);
  const request = logs(value);
  const { bytes: made, left } = spellOutDeepValues('logs', request, { maxBytes: request.length + 100 });
  expect(left).toBeGreaterThan(0);
  expect(made.toString('latin1')).toContain('[left out: too large]');
  expect(made.length).toBeLessThan(7 * request.length);
  expect(walkRequest('logs', made).records).toBe(1);
});
