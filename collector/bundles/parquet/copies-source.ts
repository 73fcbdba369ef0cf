import type { CoverageSource } from '../../../bundle/coverage.ts';
import { parquetSource } from '../../../bundle/parquet.ts';
import type { CopyOutcome } from './parquet-copy.ts';

/** What coverage says of the copies of one node's lines, of which `of` tells. */
export function copiesSource(
  kind: 'logs' | 'metrics',
  of: Pick<CoverageSource, 'node' | 'first' | 'last'>,
  copies: readonly (CopyOutcome & { what: string })[],
): CoverageSource {
  const short = copies.filter(({ state }) => state !== 'ok');
  const all = short.length === copies.length && short.every(({ state }) => state === 'failed');
  const reasons = short.map(({ what, reason }) => (what === '' ? `${reason}` : `${what}: ${reason}`));
  return {
    node: of.node,
    source: parquetSource(kind),
    state: all ? 'failed' : short.length > 0 ? 'partial' : 'ok',
    bytes: copies.reduce((sum, { bytes }) => sum + bytes, 0),
    first: all ? null : of.first,
    last: all ? null : of.last,
    reason: reasons.length === 0 ? null : reasons.join('; ').slice(0, 2000),
    masked: {},
  };
}
