/**
 * Bundles, their schedules and estimates, as `/api/v1` answers; the command line and the dashboard import these types.
 * Times are RFC 3339 with nanoseconds where the source has them; durations and offsets are milliseconds.
 */

export type BundleState = 'waiting' | 'gathering' | 'writing' | 'complete' | 'partial' | 'failed' | 'cancelled';

/** What asked for a bundle: a person, a schedule, or an alert rule. */
export const bundleOrigins = ['request', 'schedule', 'alert'] as const;
export type BundleOrigin = (typeof bundleOrigins)[number];

/** Classes of content: of nodes files, commands and their journals; stored by the collector logs and metrics. */
export const bundleClasses = ['files', 'commands', 'journal', 'logs', 'metrics'] as const;
export type BundleClass = (typeof bundleClasses)[number];

/** Where a figure of size is from that is told before there is the content. */
export type BundleSizeBasis = 'measured' | 'sampled' | 'last-run' | 'declared' | 'guess';

/**
 * What is counted of a source, with the word for one: files, entries of the journal and registry keys of a node, stored
 * records of logs and samples of metrics.
 */
export const recordWords = {
  files: 'file',
  entries: 'entry',
  keys: 'key',
  records: 'record',
  samples: 'sample',
} as const;

export interface BundleRecords {
  count: number;
  of: keyof typeof recordWords;
}

export interface BundleItemProgress {
  node: string;
  source: string;
  state: string;
  bytes: number;
  first: string | null;
  last: string | null;
  reason: string | null;
  /** What has come by now; null where nothing is counted. */
  records: BundleRecords | null;
  /** Since it began, until now or its end; null before, and where nobody told it. */
  elapsedMs: number | null;
  /** How much content it was expected to bring; null where nobody knew. */
  expected: { bytes: number; basis: BundleSizeBasis } | null;
}

/** How far a bundle is, all sources together. */
export interface BundleJobProgress {
  /** Content so far, before compression. */
  bytes: number;
  /** What that will be in the end, as far as sizes are known; null when none is, and in the end. */
  expectedBytes: number | null;
  /** Sources to come of which nobody knows how large they are; they are not in `expectedBytes`. */
  unknownSources: number;
  /** Since it was asked for, until now or its end. */
  elapsedMs: number;
  /** About how long it goes on; null when that cannot be told. */
  remainingMs: number | null;
}

export interface BundleJob {
  id: string;
  name: string;
  state: BundleState;
  from: string;
  until: string;
  createdAt: string;
  finishedAt: string | null;
  bytes: number;
  /** Folder on the collector's disk, once written and until retention removes it. */
  path: string | null;
  removedAt: string | null;
  error: string | null;
  origin: BundleOrigin;
  /** A user; of the other origins, the schedule's name or the rule's id. */
  requestedBy: string;
  nodes: string[];
  /** Of content, that were asked for; empty: all. */
  classes: BundleClass[];
  /** What is taken out of it: docs/redaction.md. */
  redaction: 'none' | 'standard' | 'strict';
  progress: BundleJobProgress;
  items: BundleItemProgress[];
}

export interface BundleEstimateSource {
  node: string;
  source: string;
  /** Which limit of size holds for it; documents have none. */
  kind: BundleClass | 'documents';
  state: 'ok' | 'partial' | 'timeout' | 'denied' | 'absent' | 'failed';
  /** Of content, redacted. */
  bytes: number;
  /** The same as it lies in a volume. */
  packedBytes: number;
  /** Where the figure is from. */
  basis: BundleSizeBasis;
  reason: string | null;
}

export interface BundleEstimate {
  from: string;
  until: string;
  nodes: { node: string; state: 'estimated' | 'unreachable' | 'timeout' | 'failed'; reason: string | null }[];
  sources: BundleEstimateSource[];
  bytes: number;
  packedBytes: number;
}

/** What a schedule may be called. Browsers read patterns under the flag `v`, which wants the hyphen escaped. */
export const scheduleNamePattern = '^[a-z0-9][a-z0-9\\-]{0,63}$';

/** A bundle that the collector makes again and again. */
export interface BundleScheduleRow {
  name: string;
  /** Five fields, UTC. */
  cron: string;
  windowMs: number;
  /** Empty: all. */
  nodes: string[];
  roles: string[];
  /** Of content; empty: all. */
  classes: BundleClass[];
  redaction: 'none' | 'standard' | 'strict';
  /** Whether what the collector has stored is in it as Parquet too. */
  parquet: boolean;
  createdBy: string;
  createdAt: string;
  nextRunAt: string | null;
  lastRunAt: string | null;
  lastBundle: string | null;
  lastState: BundleState | null;
  /** Why the last try made none; null when it did. */
  lastError: string | null;
}

/** What a pseudonym of the site stands for. */
export interface RevealedPseudonym {
  pseudonym: string;
  kind: string;
  original: string;
}
