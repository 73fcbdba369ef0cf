import { checkClasses } from '../../../bundle/asked-classes.ts';
import type { BundleCaps, CapClass } from '../../../bundle/caps.ts';
import type { RedactionProfile } from '../../../bundle/redaction/profile.ts';
import type { BundleEstimate } from '../../api/shapes/bundles.ts';
import { createControlHub } from '../../control/hub.ts';
import { capsOf } from '../bundle-limits.ts';
import { planBundle } from '../estimate/bundle-estimate.ts';
import { type OfflineSiteRequest, withOfflineSite } from './offline-site.ts';

export interface OfflineEstimateRequest extends OfflineSiteRequest {
  /** Takes the view where nothing can be written beside the data folder. */
  elsewhere: string;
  fromUnixMs: number;
  untilUnixMs: number;
  /** Empty: all. */
  nodes: string[];
  roles: string[];
  /** Of content; all when absent or empty. */
  classes?: CapClass[];
  redaction: RedactionProfile;
  caps: BundleCaps;
  /** What is stored as Parquet too. */
  parquet?: boolean;
  signal: AbortSignal;
}

/** An estimate, and how it came about: what of the folder could not be read. */
export type OfflineEstimate = BundleEstimate & { notes: string[] };

/**
 * Tells what `writeOfflineBundle` would write, source by source, and changes nothing: the stored records of the window are
 * counted, journal files that were not applied yet included, and some are written to see. Throws SX_NOT_FOUND (a node),
 * SX_BAD_REQUEST (Parquet of classes that have none).
 */
export const estimateOffline = (request: OfflineEstimateRequest): Promise<OfflineEstimate> =>
  withOfflineSite(request, request.elsewhere, async (site) => {
    const { log, settings, nowMs, fromUnixMs, roles, classes = [], redaction, parquet, signal } = request;
    checkClasses({ classes, parquet: parquet ?? false });
    const untilUnixMs = Math.min(request.untilUnixMs, nowMs());
    const hub = createControlHub({ onHandlerError: (error) => log.warn({ err: error }, 'BUG: nobody is connected') });
    const { estimate } = await planBundle(
      { ...site, hub, settings },
      {
        ...{ fromUnixMs, untilUnixMs, roles, classes, redaction, parquet, signal },
        asked: await site.asked(request),
        caps: capsOf(request.caps, settings, classes),
        deadlineMs: 0,
        unreachable: site.unreachable,
      },
    );
    return { ...estimate, notes: site.notes };
  });
