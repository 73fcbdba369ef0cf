import type { CoverageGap } from '../../bundle/coverage.ts';
import { sqlFile } from '../query/sql-file.ts';
import type { TelemetryRequest } from './telemetry-logs.ts';

const gapsSql = sqlFile('sql/sequence-gaps.sql', import.meta.url);
const countSql = sqlFile('sql/sequence-count.sql', import.meta.url);
const marginMs = 3_600_000;
/** Each is looked at again in the whole table. */
const maxLooked = 50;

interface Row {
  stream: string;
  epoch: string;
  previous: string;
  sequence: string;
  previousMs: string;
  nextMs: string;
}

/**
 * Batches of logs that an agent numbered and that are not stored: dropped from a full spool, quarantined, or
 * removed. A number whose records only lie elsewhere in time is none. One that carried no record is told too, since nothing
 * of it is stored: positions that no record came with, and numbers that a killed agent had reserved.
 */
export async function sequenceGaps(
  node: string,
  request: Pick<TelemetryRequest, 'store' | 'fromUnixMs' | 'untilUnixMs' | 'signal'>,
): Promise<CoverageGap[]> {
  const { store, signal } = request;
  const window = { fromMs: request.fromUnixMs - marginMs, untilMs: request.untilUnixMs + marginMs };
  const { rows } = await store.query<Row>(gapsSql, { parameters: { ...window, node }, signal });
  const gaps: CoverageGap[] = [];
  const within = rows.filter((row) => {
    const [from, until] = spanOf(row);
    return until >= request.fromUnixMs && from < request.untilUnixMs;
  });
  for (const row of within.slice(0, maxLooked)) {
    const { stream, epoch, previous, sequence } = row;
    const between = Number(BigInt(sequence) - BigInt(previous) - 1n);
    const found = await store.query<{ batches: string }>(countSql, {
      parameters: { node, stream, epoch, previous, sequence },
      signal,
    });
    const missing = between - Number(found.rows[0]?.batches ?? 0);
    if (missing <= 0) continue;
    const [from, until] = spanOf(row);
    const what = `${missing} numbered ${missing === 1 ? 'batch' : 'batches'} of the stream ${stream} (after ${previous}, before ${sequence}) are not stored, or carried no record`;
    gaps.push({ kind: 'sequence', from: new Date(from).toISOString(), until: new Date(until).toISOString(), what });
  }
  return gaps;
}

/** Batches may overlap in time. */
const spanOf = ({ previousMs, nextMs }: Row): [from: number, until: number] => {
  const times = [Number(previousMs), Number(nextMs)];
  return [Math.min(...times), Math.max(...times)];
};
