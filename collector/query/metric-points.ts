import { Buffer } from 'node:buffer';
import { SextantError } from '../../errors/sextant-error.ts';
import type { MetricKind, MetricPoint } from '../api/shapes/metrics.ts';
import { ask, type Queries } from './ask.ts';
import { sqlFile } from './sql-file.ts';
import { rangeParameters, type TimeRange } from './time-value.ts';

const ascendingSql = sqlFile('sql/metric-points.sql', import.meta.url);
const descendingSql = ascendingSql.replace('/*before*/ >', '<').replaceAll('/*falling*/', 'DESC');

/** The embedded engine hands over an answer as one piece, so a long one is read in pages of this many samples. */
const pageSamples = 10_000;

export interface MetricPointsRequest {
  name: string;
  range: TimeRange;
  node?: string | undefined;
  limit: number;
  /** `next` of the page before: samples older than that page's. */
  cursor?: string | undefined;
  signal?: AbortSignal | undefined;
}

interface StoredPoint {
  timestamp: string;
  unixNano: string;
  node: string;
  tieText: string;
  value: number | null;
  unit: string;
  attributes: Record<string, string>;
  kind: MetricKind;
  observations: number | string;
  total: number | null;
  bounds: (number | null)[];
  counts: number[];
}

/** A place in the order of a metric's samples. Samples that agree in everything share one. */
type Place = Pick<StoredPoint, 'unixNano' | 'node' | 'tieText'>;

/** Reads the newest `limit` samples of a metric as they were recorded, oldest of them first. */
export async function readMetricPoints(
  queries: Queries,
  request: MetricPointsRequest,
): Promise<{ points: MetricPoint[]; next: string | null }> {
  const start = request.cursor === undefined ? lastPlace(request) : decodePlace(request.cursor);
  const rows = await readPage(queries, request, { start, ascending: false, limit: request.limit });
  const oldest = rows.length < request.limit ? undefined : rows.at(-1);
  return { points: rows.reverse().map(metricPoint), next: oldest ? encodePlace(oldest) : null };
}

/** Gives the same samples one by one, with memory for one page. */
export async function* streamMetricPoints(queries: Queries, request: MetricPointsRequest): AsyncGenerator<MetricPoint> {
  const last = request.cursor === undefined ? lastPlace(request) : decodePlace(request.cursor);
  if (request.limit <= pageSamples) {
    yield* (await readMetricPoints(queries, request)).points;
    return;
  }
  const before = await readPage(queries, request, { start: last, ascending: false, limit: 1, offset: request.limit });
  let start = before[0] ?? { unixNano: String(request.range.sinceUnixNano), node: '', tieText: '0' };
  for (;;) {
    const rows = await readPage(queries, request, { start, ascending: true, limit: pageSamples });
    for (const row of rows) {
      if (!isBefore(row, last)) return;
      yield metricPoint(row);
    }
    const newest = rows.at(-1);
    if (!newest || rows.length < pageSamples) return;
    start = newest;
  }
}

const lastPlace = ({ range }: MetricPointsRequest): Place => ({
  unixNano: String(range.untilUnixNano),
  node: '',
  tieText: '0',
});

async function readPage(
  queries: Queries,
  { name, range, node = '', signal }: MetricPointsRequest,
  page: { start: Place; ascending: boolean; limit: number; offset?: number },
): Promise<StoredPoint[]> {
  const result = await ask<StoredPoint>(queries, page.ascending ? ascendingSql : descendingSql, {
    parameters: {
      ...rangeParameters(range),
      name,
      node,
      placeNano: page.start.unixNano,
      placeNode: page.start.node,
      placeTie: page.start.tieText,
      limit: page.limit,
      offset: page.offset ?? 0,
    },
    signal,
  });
  return result.rows;
}

function isBefore(a: Place, b: Place): boolean {
  if (a.unixNano !== b.unixNano) return BigInt(a.unixNano) < BigInt(b.unixNano);
  if (a.node !== b.node) return Buffer.compare(Buffer.from(a.node), Buffer.from(b.node)) < 0;
  return BigInt(a.tieText) < BigInt(b.tieText);
}

function metricPoint(row: StoredPoint): MetricPoint {
  const { timestamp, node, unit, attributes, kind, bounds, counts } = row;
  const point: MetricPoint = { timestamp, node, value: row.value ?? 0, unit, attributes };
  if (kind === 'gauge' || kind === 'sum') return point;
  const observed = { count: Number(row.observations), sum: row.total ?? 0 };
  if (kind === 'summary') {
    const quantiles = bounds.map((quantile, index) => ({ quantile: quantile ?? 0, value: counts[index] ?? 0 }));
    return { ...point, distribution: { ...observed, quantiles } };
  }
  const buckets = bounds
    .map((upperBound, index) => ({ upperBound, count: counts[index] ?? 0 }))
    .sort((a, b) => (a.upperBound ?? Number.POSITIVE_INFINITY) - (b.upperBound ?? Number.POSITIVE_INFINITY));
  return { ...point, distribution: { ...observed, buckets } };
}

const encodePlace = ({ unixNano, node, tieText }: Place): string =>
  Buffer.from(`${unixNano}.${tieText}.${node}`).toString('base64url');

function decodePlace(text: string): Place {
  const match = /^(\d{1,18}|[1-8]\d{18})\.(\d{1,20})\.(.{0,255})$/s.exec(Buffer.from(text, 'base64url').toString());
  const [, unixNano, tieText, node] = match ?? [];
  if (!unixNano || !tieText || node === undefined || BigInt(tieText) >= 2n ** 64n) {
    throw new SextantError('SX_BAD_REQUEST', 'cursor: is not one that a page of samples ended with');
  }
  return { unixNano, tieText, node };
}
