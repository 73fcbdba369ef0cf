import type { CoverageGap } from '../../bundle/coverage.ts';
import { sqlFile } from '../query/sql-file.ts';
import type { TelemetryRequest } from './telemetry-logs.ts';

const gapsSql = sqlFile('sql/sequence-gaps.sql', import.meta.url);
const missingSql = sqlFile('sql/sequence-missing.sql', import.meta.url);
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
 * removed. A number whose records only lie elsewhere in time is none, and none are the numbers that, as each batch says, carried no
 * record: positions that no record came with, and what a killed agent had set aside.
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
    const found = await store.query<{ missing: string }>(missingSql, {
      parameters: { node, stream, epoch, previous, sequence },
      signal,
    });
    const missing = Number(found.rows[0]?.missing ?? 0);
    if (missing === 0) continue;
    const [from, until] = spanOf(row);
    const which = `of the stream ${stream} (after ${previous}, before ${sequence})`;
    const what =
      missing === 1 ? `1 numbered batch ${which} is not stored` : `${missing} numbered batches ${which} are not stored`;
    gaps.push({ kind: 'sequence', from: new Date(from).toISOString(), until: new Date(until).toISOString(), what });
  }
  return gaps;
}

/** Batches may overlap in time. */
const spanOf = ({ previousMs, nextMs }: Row): [from: number, until: number] => {
  const times = [Number(previousMs), Number(nextMs)];
  return [Math.min(...times), Math.max(...times)];
};
