import type { Hit } from './hits.ts';
import type { Series } from './series.ts';

/** A hit of a check, of which only what it knows must be told. */
export const hit = (change: Partial<Hit> & Pick<Hit, 'node'>): Hit => ({
  subject: '',
  count: 1,
  firstMs: null,
  lastMs: null,
  channel: '',
  evidence: [],
  ...change,
});

/** When these series were sampled, and what the first of them is called. */
export const spanOf = (series: readonly Series[]): Pick<Hit, 'firstMs' | 'lastMs' | 'count' | 'channel'> => ({
  firstMs: Math.min(...series.map(({ firstMs }) => firstMs)),
  lastMs: Math.max(...series.map(({ lastMs }) => lastMs)),
  count: series.reduce((sum, { count }) => sum + count, 0),
  channel: series[0]?.name ?? '',
});

/** What was seen on several nodes, as a virtual machine that moved or a pool that another node tells of: its newest series counts. */
export function newestBy(series: readonly Series[], ...names: string[]): Series[] {
  const newest = new Map<string, Series>();
  for (const one of series) {
    const key = names.map((name) => one.attributes[name] ?? '').join('\u0000');
    if (one.lastMs >= (newest.get(key)?.lastMs ?? Number.NEGATIVE_INFINITY)) newest.set(key, one);
  }
  return [...newest.values()];
}
