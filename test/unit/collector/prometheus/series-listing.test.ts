import { expect, test } from 'vitest';
import { createWork } from '../../../../collector/prometheus/evaluate/work.ts';
import type { Labels } from '../../../../collector/prometheus/labels.ts';
import { createMatcher } from '../../../../collector/prometheus/matchers.ts';
import { createPrometheus } from '../../../../collector/prometheus/prometheus.ts';
import type { CatalogueEntry } from '../../../../collector/prometheus/read/catalogue.ts';
import { conditionOf } from '../../../../collector/prometheus/read/condition.ts';
import { listSeries } from '../../../../collector/prometheus/read/series-listing.ts';
import type { Queries } from '../../../../collector/query/ask.ts';

const span = { fromMs: 0, toMs: 3_600_000 };
const all = [createMatcher('node', '!=', '')];

/** A storage that has as many series of a histogram as are asked for, with so many bounds each. */
function storage(series: number, bounds: number): Queries {
  const stored = { name: 'wait', unit: 's', kind: 'histogram' };
  const boundTexts = Array.from({ length: bounds }, (_, index) => String(index));
  const catalogue = [{ ...stored, isMonotonic: 0, isDelta: 0, help: '', attributeNames: ['route'] }];
  const listing = Array.from({ length: series }, (_, index) => ({
    ...stored,
    monotonic: 0,
    node: 'n1',
    service: 's',
    serviceNamespace: '',
    serviceInstance: '',
    attributes: { route: `/${index}` },
    boundTexts,
  }));
  const query = async (sql: string) => ({ rows: sql.includes('boundTexts') ? listing : catalogue });
  return { query } as unknown as Queries;
}

test('series are counted with their bounds, over all selectors', async () => {
  const asking = { signal: new AbortController().signal };
  const series = (found: number, bounds: number) =>
    createPrometheus(storage(found, bounds), { nowMs: () => 0 }).series([all], span, asking);
  // Buckets, sum and count.
  await expect(series(2, 3)).resolves.toHaveLength(10);
  await expect(series(200, 600)).rejects.toMatchObject({ kind: 'execution' });
});

test('others have their turn beside a listing', async () => {
  let rests = 0;
  const work = {
    ...createWork({ timeoutMs: 20_000 }),
    visit: () => true,
    async rest() {
      rests++;
    },
  };
  const metric = { name: 'wait', unit: 's', kind: 'histogram', isMonotonic: false } as const;
  const entry: CatalogueEntry = { metric, help: '', attributeNames: ['route'], unsupported: undefined };
  const found = new Map<string, Labels>();
  await listSeries(storage(10, 8), async () => [entry], { matchers: all, span, work }, found);
  expect(found.size).toBe(100);
  expect(rests).toBeGreaterThanOrEqual(100);
});

test('names of attributes are written as labels once for all matchers', () => {
  let looks = 0;
  const names = new Set(['http.route']);
  const iterate = names[Symbol.iterator].bind(names);
  names[Symbol.iterator] = () => {
    looks++;
    return iterate();
  };
  const matchers = Array.from({ length: 50 }, () => createMatcher('http_route', '=', 'x'));
  expect(Object.keys(conditionOf(matchers, names, 'prometheus')?.parameters ?? {})).toHaveLength(100);
  expect(looks).toBe(1);
});
