import { entryOverheadBytes } from '../../../bundle/packed-share.ts';
import { parquetSource } from '../../../bundle/parquet.ts';
import type { Wanted } from './bundle-estimate.ts';

/**
 * What a Parquet copy takes for each byte that its lines take packed: columns of like values pack better than lines
 * (`npm run bench -- parquet`).
 */
const shareOfPacked = { logs: 0.7, metrics: 0.25 };
/** A file's own description: names and types of columns, places and bounds of their values. */
const fileOverheadBytes = 4096;

/** The copy of what is stored, told from what its lines take; none of other sources, nor of what is not there. */
export function parquetEstimate({ node, kind, state, packedBytes: ofLines, reason }: Wanted): Wanted[] {
  if ((kind !== 'logs' && kind !== 'metrics') || ofLines === 0) return [];
  const bytes = Math.round(ofLines * shareOfPacked[kind]) + fileOverheadBytes;
  const packedBytes = bytes + entryOverheadBytes;
  return [{ node, source: parquetSource(kind), kind: undefined, state, bytes, packedBytes, basis: 'guess', reason }];
}
