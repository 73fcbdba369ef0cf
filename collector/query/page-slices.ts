import type { TimeRange } from './time-value.ts';

/** Shorter ranges and fewer records are looked at in one go: a look costs some 15 ms whatever it finds. */
const wholeBelowNano = 3_600_000_000_000n;
const wholeBelowRecords = 20_000;

/**
 * The parts of a range in which a page is looked for, one after the other until it is full: a 64th of what lies behind
 * the page's beginning, then up to an eighth, then the rest. The engine sorts all that a part holds to find the first
 * hundred; most pages are full after the first. None where there are no records.
 */
export function pageSlices(
  range: TimeRange,
  order: 'asc' | 'desc',
  { startUnixNano, records }: { startUnixNano: bigint; records: number },
): TimeRange[] {
  if (records === 0) return [];
  const since = order === 'asc' ? larger(range.sinceUnixNano, startUnixNano) : range.sinceUnixNano;
  const until = order === 'desc' ? smaller(range.untilUnixNano, startUnixNano + 1n) : range.untilUnixNano;
  const span = until - since;
  if (span <= wholeBelowNano || records <= wholeBelowRecords) return [{ sinceUnixNano: since, untilUnixNano: until }];
  const ends = [0n, span / 64n, span / 8n, span];
  return ends.slice(1).map((end, at) => {
    const begin = ends[at] ?? 0n;
    return order === 'asc'
      ? { sinceUnixNano: since + begin, untilUnixNano: since + end }
      : { sinceUnixNano: until - end, untilUnixNano: until - begin };
  });
}

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
