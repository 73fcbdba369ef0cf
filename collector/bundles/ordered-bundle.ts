import { randomBytes } from 'node:crypto';
import { askedClasses } from '../../bundle/asked-classes.ts';
import { formatBundleName } from '../../bundle/bundle-name.ts';
import type { BundleCaps, CapClass } from '../../bundle/caps.ts';
import type { RedactionProfile } from '../../bundle/redaction/profile.ts';
import type { Settings } from '../../config/settings.ts';
import type { BundleOrigin } from '../api/shapes/bundles.ts';
import { capsOf } from './bundle-limits.ts';
import type { BundleRecord } from './bundle-record.ts';

export interface BundleRequest {
  fromUnixMs: number;
  untilUnixMs: number;
  /** Empty: every enrolled node, every syslog peer and every OTLP sender of the window. */
  nodes: string[];
  /** Empty: every role of each node's profile. */
  roles: string[];
  /** Classes of content; all when absent or empty. */
  classes?: CapClass[];
  redaction: RedactionProfile;
  /** Limits of size in place of the configured ones; each that is absent is as configured. */
  caps?: BundleCaps;
  /** What cannot be redacted too, encrypted on the nodes; not when absent. */
  raw?: boolean;
  /** What is stored as Parquet too; not when absent. */
  parquet?: boolean;
  requestedBy: string;
  /** A person when absent. */
  origin?: BundleOrigin;
}

/** A bundle as it is ordered, before anything is done for it; `asked` are the names that it is about, all of them known. */
export function orderedBundle(
  request: BundleRequest,
  { asked, settings, createdUnixMs }: { asked: string[]; settings: Settings; createdUnixMs: number },
): BundleRecord {
  const id = randomBytes(8).toString('hex');
  const classes = askedClasses(request.classes ?? []);
  return {
    id,
    name: formatBundleName({ site: settings['site.name'], createdMs: createdUnixMs, id }),
    state: 'waiting',
    fromUnixMs: request.fromUnixMs,
    untilUnixMs: Math.min(request.untilUnixMs, createdUnixMs),
    createdUnixMs,
    finishedUnixMs: null,
    bytes: 0,
    error: null,
    requestedBy: request.requestedBy,
    origin: request.origin ?? 'request',
    nodes: asked,
    roles: [...new Set(request.roles)],
    classes,
    redaction: request.redaction,
    caps: capsOf(request.caps, settings, classes),
    raw: request.raw ?? false,
    parquet: request.parquet ?? false,
    items: [],
    attempts: 0,
    removedUnixMs: null,
  };
}
