import { expect, test } from 'vitest';
import { enumName, flag, number, rows, text, texts, unixMs } from '../../../../agent/powershell/json-values.ts';

test('a list is a list however ConvertTo-Json wrote it', () => {
  const one = { Name: 'a' };
  expect(rows([one])).toEqual([one]);
  expect(rows(one)).toEqual([one]);
  expect(rows({ value: [one], Count: 1 })).toEqual([one]);
  for (const nothing of [null, undefined, '', [], {}, 'text', [null]]) expect(rows(nothing)).toEqual([]);
  expect(texts(['a', '', null, 'b'])).toEqual(['a', 'b']);
  expect(texts('a')).toEqual(['a']);
  expect(texts({ value: ['a'], Count: 1 })).toEqual(['a']);
});

test('times are read from both PowerShells; year 1 is no time', () => {
  const expected = Date.parse('2026-11-28T10:00:00Z');
  expect(unixMs(`/Date(${expected})/`)).toBe(expected);
  expect(unixMs(`/Date(${expected}+0100)/`)).toBe(expected);
  expect(unixMs({ value: `/Date(${expected})/`, DateTime: 'Samstag' })).toBe(expected);
  expect(unixMs('2026-11-28T11:00:00+01:00')).toBe(expected);
  expect(unixMs('/Date(-62135596800000)/')).toBeUndefined();
  expect(unixMs(null)).toBeUndefined();
  // .NET's last moment is a date, and what is beyond all dates is none.
  expect(unixMs('/Date(253402300799999)/')).toBe(253_402_300_799_999);
  expect(unixMs('/Date(99999999999999999)/')).toBeUndefined();
});

test('enumerations come as number, text, or both', () => {
  const names = { 0: 'Up', 1: 'Down' };
  expect(enumName(1, names)).toBe('Down');
  expect(enumName('1', names)).toBe('Down');
  expect(enumName('Down', names)).toBe('Down');
  expect(enumName({ value: 1, Value: 'Down' }, names)).toBe('Down');
  expect(enumName(9, names)).toBe('Unknown (9)');
  expect(enumName(null, names)).toBeUndefined();
});

test('unknown is never zero', () => {
  for (const nothing of [null, undefined, '', ' ', 'n/a', {}, Number.NaN]) expect(number(nothing)).toBeUndefined();
  expect(number('42')).toBe(42);
  expect(number(0)).toBe(0);
  expect(text('')).toBeUndefined();
  expect(flag('True')).toBe(true);
  expect(flag(null)).toBeUndefined();
});
