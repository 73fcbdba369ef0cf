import { expect, test } from 'vitest';
import { formatCount, formatValue, rateUnit } from '../../../../../dashboards/web/src/value/unit.ts';

test.each([
  [0.4567, '1', '45.7 %'],
  [1, '1', '100 %'],
  [1536, 'By', '1.5 KiB'],
  [123 * 1024 ** 2, 'By/s', '123 MiB/s'],
  [0, 'By', '0 B'],
  [0.0042, 's', '4.2 ms'],
  [42, 's', '42 s'],
  [7200, 's', '2 h'],
  [12_345, '{packet}/s', '12.3 k/s'],
  [93.41, '%', '93.4 %'],
  [61.5, 'Cel', '61.5 °C'],
  [1_800_000_000, 'Hz', '1.8 GHz'],
  [4, '{process}', '4'],
  [3, 'days left', '3 days left'],
  [-3, 'days left', 'expired'],
  [null, 'By', '–'],
  [Number.NaN, 'By', '–'],
])('writes %s in %s as “%s”', (value, unit, text) => {
  expect(formatValue(value, unit)).toBe(text);
});

test('names the unit of a rate', () => {
  expect(rateUnit('By')).toBe('By/s');
  expect(rateUnit('s'), 'seconds per second is a share').toBe('1');
});

test('groups the digits of a count', () => {
  expect(formatCount(1_234_567)).toBe('1\u202f234\u202f567');
});
