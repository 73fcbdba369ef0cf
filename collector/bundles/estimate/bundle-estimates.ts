import { SextantError } from '../../../errors/sextant-error.ts';
import type { Log } from '../../../logging/log.ts';
import type { BundleEstimate } from '../../api/shapes/bundles.ts';
import type { PeerRegistry } from '../../nodes/peer-registry.ts';
import { askedNodes } from '../asked-nodes.ts';
import { capsOf } from '../bundle-limits.ts';
import type { BundleRequest } from '../ordered-bundle.ts';
import { type EstimateCapabilities, estimateDeadlineMs, planBundle } from './bundle-estimate.ts';

/** Each has every node look at what it has. */
const maxAtOnce = 2;

/** Estimates that people ask for, a few at once. Those that run end with `close`. */
export function createBundleEstimates(
  capabilities: EstimateCapabilities & { peers: Pick<PeerRegistry, 'list'>; log: Log; nowMs: () => number },
): { of(request: Omit<BundleRequest, 'requestedBy' | 'origin'>): Promise<BundleEstimate>; close(): void } {
  const stopping = new AbortController();
  let running = 0;
  return {
    async of(request) {
      if (running >= maxAtOnce) throw new SextantError('SX_UNAVAILABLE', 'other estimates are being made');
      running += 1;
      try {
        const asked = await askedNodes(capabilities, request);
        const untilUnixMs = Math.min(request.untilUnixMs, capabilities.nowMs());
        const caps = capsOf(request.caps, capabilities.settings, request.classes ?? []);
        const wish = { ...request, untilUnixMs, caps, asked, deadlineMs: estimateDeadlineMs, signal: stopping.signal };
        return (await planBundle(capabilities, wish)).estimate;
      } finally {
        running -= 1;
      }
    },
    close: () => stopping.abort(new SextantError('SX_UNAVAILABLE', 'the collector stops')),
  };
}
