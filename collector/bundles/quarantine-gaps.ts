import type { CoverageSource } from '../../bundle/coverage.ts';
import { maxGapsPerSource } from '../../bundle/coverage.ts';
import type { QuarantinedBatch } from '../journal/quarantine-box.ts';

/** A batch that cannot be stored is put aside when its journal file is; its records may be this much older. */
const marginMs = 3_600_000;

/**
 * Tells of batches that are in the collector's quarantine and may hold records of the window: what they held is not in the
 * bundle, so a source that lacks them is partial. Returns the sources that changed.
 */
export function noteQuarantined(
  sources: readonly CoverageSource[],
  quarantined: readonly QuarantinedBatch[],
  window: { fromUnixMs: number; untilUnixMs: number },
): CoverageSource[] {
  const changed: CoverageSource[] = [];
  for (const source of sources) {
    const own = quarantined.filter(({ node, signal, quarantinedAt }) => {
      const atMs = Date.parse(quarantinedAt);
      const within = atMs >= window.fromUnixMs && atMs < window.untilUnixMs + marginMs;
      return node === source.node && source.source === `telemetry/${signal}` && within;
    });
    const [first] = own;
    const last = own.at(-1);
    if (first === undefined || last === undefined) continue;
    const count = own.length === 1 ? 'a batch is' : `${own.length} batches are`;
    const what = `${count} in the collector's quarantine (sextant collector quarantine list): ${first.reason.slice(0, 300)}`;
    const gap = { kind: 'lost', from: first.quarantinedAt, until: last.quarantinedAt, what } as const;
    source.gaps = [gap, ...(source.gaps ?? [])].slice(0, maxGapsPerSource);
    if (source.state === 'ok' || source.state === 'absent') Object.assign(source, { state: 'partial', reason: what });
    changed.push(source);
  }
  return changed;
}
