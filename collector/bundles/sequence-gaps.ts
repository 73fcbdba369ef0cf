import type { CoverageGap } from '../../bundle/coverage.ts';
import { sqlFile } from '../query/sql-file.ts';
import type { TelemetryRequest } from './telemetry-logs.ts';

const gapsSql = sqlFile('sql/sequence-gaps.sql', import.meta.url);
const missingSql = sqlFile('sql/sequence-missing.sql', import.meta.url);
const marginMs = 3_600_000;
/** Of a node; each is looked at again in the whole table. */
const maxLooked = 50;

export type GapsRequest = Pick<TelemetryRequest, 'store' | 'fromUnixMs' | 'untilUnixMs' | 'signal'>;

/** Two stored batches of one stream with numbers between them of which nothing was found within the window. */
export interface SuspectedGap {
  stream: string;
  epoch: string;
  previous: string;
  sequence: string;
  previousMs: string;
  nextMs: string;
}

/** Wider than what is asked about, since a batch may hold records of another time. */
export const windowOf = (request: GapsRequest): { fromMs: number; untilMs: number } => ({
  fromMs: request.fromUnixMs - marginMs,
  untilMs: request.untilUnixMs + marginMs,
});

/**
 * Batches of logs that an agent numbered and that are not stored: dropped from a full spool, quarantined, or
 * removed. A number whose records only lie elsewhere in time is none, and none are the numbers that, as each batch says, carried no
 * record: positions that no record came with, and what a killed agent had set aside.
 */
export async function sequenceGaps(node: string, request: GapsRequest): Promise<CoverageGap[]> {
  const { store, signal } = request;
  const parameters = { ...windowOf(request), node };
  const { rows } = await store.query<SuspectedGap>(gapsSql, { parameters, signal });
  const gaps: CoverageGap[] = [];
  for (const suspected of toLookAt(rows, request)) {
    const { stream, epoch, previous, sequence } = suspected;
    const place = { node, stream, epoch, previous, sequence };
    const found = await store.query<{ missing: string }>(missingSql, { parameters: place, signal });
    const missing = Number(found.rows[0]?.missing ?? 0);
    if (missing > 0) gaps.push(gapOf(suspected, missing));
  }
  return gaps;
}

/** Those of a node's suspected gaps that lie in what is asked about, as many as are looked at. */
export const toLookAt = <Row extends SuspectedGap>(rows: readonly Row[], request: GapsRequest): Row[] =>
  rows
    .filter((row) => {
      const [from, until] = spanOf(row);
      return until >= request.fromUnixMs && from < request.untilUnixMs;
    })
    .slice(0, maxLooked);

export function gapOf(suspected: SuspectedGap, missing: number): CoverageGap {
  const { stream, previous, sequence } = suspected;
  const [from, until] = spanOf(suspected);
  const which = `of the stream ${stream} (after ${previous}, before ${sequence})`;
  const what =
    missing === 1 ? `1 numbered batch ${which} is not stored` : `${missing} numbered batches ${which} are not stored`;
  return { kind: 'sequence', from: new Date(from).toISOString(), until: new Date(until).toISOString(), what };
}

/** Batches may overlap in time. */
const spanOf = ({ previousMs, nextMs }: SuspectedGap): [from: number, until: number] => {
  const times = [Number(previousMs), Number(nextMs)];
  return [Math.min(...times), Math.max(...times)];
};
