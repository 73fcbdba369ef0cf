import { isLimited } from './bundle-limits.ts';
import type { BundleRecord } from './bundle-record.ts';
import { type EstimateCapabilities, foreseeTelemetry } from './estimate/bundle-estimate.ts';
import type { LiveItems } from './live-items.ts';

/**
 * Looks at how much is stored while nodes gather, and resolves as that does: then it is written, whether or not it is known
 * how much it is. A bundle with limits was planned, which has told it already.
 */
export async function foreseeStored<Gathered>(
  record: BundleRecord,
  capabilities: Pick<EstimateCapabilities, 'store' | 'redactionKey'>,
  { live, signal }: { live: Pick<LiveItems, 'foresee'>; signal: AbortSignal },
  gather: () => Promise<Gathered>,
): Promise<Gathered> {
  const done = new AbortController();
  if (!isLimited(record.caps)) {
    const within = { ...record, asked: record.nodes, signal: AbortSignal.any([signal, done.signal]) };
    // What cannot be told is not told.
    foreseeTelemetry(capabilities, within).then(live.foresee, () => undefined);
  }
  return gather().finally(() => done.abort(new Error('it is written now')));
}
