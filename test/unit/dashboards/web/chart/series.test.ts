import { expect, test } from 'vitest';
import { bridgeShortGaps, type ChartSeries, stack } from '../../../../../dashboards/web/src/chart/series.ts';

const layer = (values: (number | null)[]): ChartSeries => ({ key: '', label: '', colour: '', values });

test('draws through a late sample and breaks at a gap', () => {
  expect(bridgeShortGaps([1, null, 3, null, null, 6])).toEqual([1, undefined, 3, undefined, undefined, 6]);
  expect(bridgeShortGaps([1, null, null, null, 5])).toEqual([1, null, null, null, 5]);
});

test('does not draw into a time without samples at either end', () => {
  expect(bridgeShortGaps([null, 2, null])).toEqual([null, 2, null]);
});

test('stands each layer on those before it and draws none where it adds nothing', () => {
  expect(stack([layer([1, 2, null]), layer([3, 0, 4])])).toEqual([
    [1, 2, null],
    [4, null, 4],
  ]);
});
