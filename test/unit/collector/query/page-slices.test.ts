import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pageSlices } from '../../../../collector/query/page-slices.ts';

const hourNano = 3_600_000_000_000n;

test('the parts of a range follow one another without a gap, from where the page begins to the range’s end', () => {
  const nano = fc.bigInt({ min: 0n, max: 400n * 24n * hourNano });
  fc.assert(
    fc.property(
      nano,
      nano,
      nano,
      fc.constantFrom('asc', 'desc'),
      fc.integer({ min: 1 }),
      (a, b, at, order, records) => {
        fc.pre(a !== b);
        const range = a < b ? { sinceUnixNano: a, untilUnixNano: b } : { sinceUnixNano: b, untilUnixNano: a };
        fc.pre(at >= range.sinceUnixNano && at < range.untilUnixNano);
        const slices = pageSlices(range, order, { startUnixNano: at, records });
        const inTime = order === 'asc' ? slices : slices.toReversed();
        expect(inTime[0]?.sinceUnixNano).toBe(order === 'asc' ? at : range.sinceUnixNano);
        expect(inTime.at(-1)?.untilUnixNano).toBe(order === 'asc' ? range.untilUnixNano : at + 1n);
        for (const [index, { sinceUnixNano }] of inTime.slice(1).entries()) {
          expect(sinceUnixNano).toBe(inTime[index]?.untilUnixNano);
        }
      },
    ),
  );
});

test('few records are looked for in one go, many in a day in three, and none not at all', () => {
  const day = { sinceUnixNano: 0n, untilUnixNano: 24n * hourNano };
  const slices = (records: number) => pageSlices(day, 'asc', { startUnixNano: 0n, records }).length;
  expect([slices(0), slices(20_000), slices(20_001), slices(Number.POSITIVE_INFINITY)]).toEqual([0, 1, 3, 3]);
});
