import type { SourceHealth } from '../../protocol/control.ts';

/**
 * What `/api/v1` answers; the command line and the dashboard import these types.
 * Times are RFC 3339 with nanoseconds where the source has them; durations and offsets are milliseconds.
 */

export type NodeState = 'online' | 'silent' | 'never-seen';

/** A node with an agent, or a peer that sends syslog: `syslog:PEER`, of which nothing is known but when it last spoke. */
export interface NodeRow {
  node: string;
  kind: 'node' | 'syslog';
  os: string;
  version: string;
  state: NodeState;
  lastSeen: string | null;
  clockOffsetMs: number | null;
  hostName: string;
  enrolledAt: string | null;
  certificateDaysLeft: number | null;
  spool: { bytes: number; batches: number; droppedRecords: number } | null;
  sources: SourceHealth[];
}

export const severities = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'unset'] as const;
export type Severity = (typeof severities)[number];

export interface LogRow {
  timestamp: string;
  node: string;
  severity: Severity;
  body: string;
  attributes: Record<string, string>;
  /** Its place, to ask for what stands around it or to go on from; where it was asked for. */
  cursor?: string;
}

export interface LogContext {
  /** In the order of arrival, as the record in the middle. */
  before: LogRow[];
  record: LogRow;
  after: LogRow[];
}

export interface LogPage {
  records: LogRow[];
  /** Pass as `cursor` for the next page; null at the end. */
  next: string | null;
  rowsRead: number;
  bytesRead: number;
}

export interface LogHistogram {
  stepMs: number;
  buckets: { timestamp: string; counts: Partial<Record<Severity, number>> }[];
}

export interface FieldFacet {
  field: string;
  values: { value: string; count: number }[];
}

export const metricKinds = ['gauge', 'sum', 'histogram', 'exponential-histogram', 'summary'] as const;
export type MetricKind = (typeof metricKinds)[number];

export interface MetricName {
  name: string;
  unit: string;
  kind: MetricKind;
  description: string;
}

export interface MetricPoint {
  timestamp: string;
  node: string;
  /** Of a histogram or summary the average of what it has observed. */
  value: number;
  unit: string;
  attributes: Record<string, string>;
  /** What a histogram or summary has observed, as it was sent: since its start when it is cumulative. */
  distribution?: {
    count: number;
    sum: number;
    /** How many values lie up to a bound and above the one before; null is no bound. Of histograms. */
    buckets?: { upperBound: number | null; count: number }[];
    /** Of summaries. */
    quantiles?: { quantile: number; value: number }[];
  };
}

/**
 * `rate` is per second, for sums and for what histograms count; it takes counter resets into account.
 * `count`, `p50`, `p95` and `p99` are for histograms and summaries.
 */
export const aggregations = ['avg', 'min', 'max', 'last', 'sum', 'rate', 'count', 'p50', 'p95', 'p99'] as const;
export type Aggregation = (typeof aggregations)[number];

export interface MetricSeries {
  name: string;
  unit: string;
  stepMs: number;
  /** Shared time axis, Unix milliseconds. */
  timestamps: number[];
  series: { labels: Record<string, string>; values: (number | null)[] }[];
}

export type AlertState = 'pending' | 'firing' | 'resolved';

export interface AlertRow {
  id: string;
  rule: string;
  severity: 'warning' | 'critical';
  state: AlertState;
  node: string;
  /** What it is about on that node, for example a mount point. */
  subject: string;
  since: string;
  resolvedAt: string | null;
  value: number;
  limit: number;
  unit: string;
  summary: string;
  whatToDo: string;
}

export type BundleState = 'waiting' | 'gathering' | 'writing' | 'complete' | 'partial' | 'failed' | 'cancelled';

/** What asked for a bundle: a person, a schedule, or an alert rule. */
export const bundleOrigins = ['request', 'schedule', 'alert'] as const;
export type BundleOrigin = (typeof bundleOrigins)[number];

export interface BundleItemProgress {
  node: string;
  source: string;
  state: string;
  bytes: number;
  first: string | null;
  last: string | null;
  reason: string | null;
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
  /** What is taken out of it: docs/redaction.md. */
  redaction: 'none' | 'standard' | 'strict';
  items: BundleItemProgress[];
}

/** A mounted filesystem of the collector's machine that a bundle could be exported to. */
export interface DriveRow {
  /** What an export is asked for with. */
  id: string;
  path: string;
  device: string;
  bus: string;
  removable: boolean;
  vendor: string | null;
  model: string | null;
  serial: string | null;
  volumeId: string | null;
  label: string | null;
  filesystem: string;
  totalBytes: number | null;
  freeBytes: number | null;
  /** Why nothing may be exported to it; null when it may. */
  refusal: string | null;
}

export const exportStates = [
  'waiting-for-approval',
  'waiting',
  'running',
  'waiting-for-medium',
  'complete',
  'partial',
  'failed',
  'cancelled',
  'interrupted',
] as const;
export type ExportState = (typeof exportStates)[number];

/** An export of a bundle onto a drive of the collector's machine. */
export interface ExportJob {
  id: string;
  bundle: string;
  bundleName: string;
  state: ExportState;
  drive: Pick<DriveRow, 'id' | 'path' | 'model' | 'serial' | 'volumeId' | 'label' | 'filesystem'>;
  requestedBy: string;
  requestedAt: string;
  /** How many others have to approve, and who has. */
  approvalsNeeded: number;
  approvals: { user: string; at: string }[];
  resume: boolean;
  split: boolean;
  eject: boolean;
  startedAt: string | null;
  finishedAt: string | null;
  /** `copy` writes, `check` reads back, `recheck` reads back what was there already; of both together so many bytes. */
  progress: { step: 'copy' | 'check' | 'recheck'; part: string; doneBytes: number; totalBytes: number } | null;
  /** Why it waits, failed or was broken off, and what to do. */
  reason: string | null;
  nextStep: string | null;
  /** Parts that are on no medium yet. */
  missing: string[];
  /** What the receipt on the medium says. */
  receipt: {
    exportId: string;
    /** The bundle's folder on the medium. */
    path: string;
    parts: number;
    bytes: number;
    /** How bytes came back: `direct` past the page cache, `dropped` after it was emptied, `cached` perhaps from it. */
    readBack: ('direct' | 'dropped' | 'cached')[];
    interruptions: number;
    ejected: { step: string; done: boolean; detail: string }[];
  } | null;
  /** What a source would take in a bundle. */
}

export interface BundleEstimateSource {
  node: string;
  source: string;
  /** Which limit of size holds for it; documents have none. */
  kind: 'files' | 'commands' | 'journal' | 'logs' | 'metrics' | 'documents';
  state: 'ok' | 'partial' | 'timeout' | 'denied' | 'absent' | 'failed';
  /** Of content, redacted. */
  bytes: number;
  /** The same as it lies in a volume. */
  packedBytes: number;
  /** Where the figure is from. */
  basis: 'measured' | 'sampled' | 'last-run' | 'declared' | 'guess';
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

/** A bundle that the collector makes again and again. */
export interface BundleScheduleRow {
  name: string;
  /** Five fields, UTC. */
  cron: string;
  windowMs: number;
  /** Empty: all. */
  nodes: string[];
  roles: string[];
  redaction: 'none' | 'standard' | 'strict';
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

/** What a node said of a version of a pushed profile. */
export interface ProfileOutcome {
  node: string;
  version: number;
  state: 'applied' | 'not-for-this-node' | 'expired' | 'refused' | 'withdrawn';
  reason: string | null;
  at: string;
}

/** The newest version of a profile that was pushed. */
export interface PushedProfileRow {
  name: string;
  version: number;
  state: 'active' | 'withdrawn' | 'expired';
  /** With `roles` empty too: every node. */
  nodes: string[];
  roles: string[];
  issuedAt: string;
  expiresAt: string;
  pushedBy: string;
  bytes: number;
  /** Also of the earlier version that a node keeps beside one that it refused. */
  outcomes: ProfileOutcome[];
  /** Nodes that have not said anything of this version yet. */
  waiting: string[];
}

export interface PushedProfileText extends PushedProfileRow {
  text: string;
  /** The bytes that nodes are sent, and the minisign signature over them. */
  document: string;
  signature: string;
}

export interface PushedProfileList {
  /** Of the key that signs; null before the first use. */
  keyId: string | null;
  profiles: PushedProfileRow[];
  /** What each node believes, and why it takes nothing. */
  nodes: { node: string; keyId: string | null; error: string | null; at: string }[];
}

export interface ProfileKeyInfo {
  keyId: string;
  /** As it stands in a `.pub` file. */
  publicKey: string;
  /** Public keys before it, oldest first. */
  earlier: string[];
}

export interface SessionInfo {
  user: string;
  role: 'viewer' | 'administrator';
  site: string;
  version: string;
  /** Where what is shown comes from bundles, and nothing is live: the window of all of them. */
  evidence?: { from: string; until: string; bundles: { name: string; site: string; from: string; until: string }[] };
}

/** A bundle of a case, as the page of evidence shows it. */
export interface EvidenceBundle {
  id: string;
  name: string;
  site: string;
  from: string;
  until: string;
  madeAt: string;
  state: 'complete' | 'partial';
  redaction: string;
  keyId: string;
  trust: 'pinned' | 'self-declared';
  /** Parts that were left out because they are damaged. */
  damaged: { part: string; detail: string }[];
  records: number;
  samples: number;
  /** Lines that could not be read. */
  unread: number;
  files: number;
  /** Nodes and sources that left a gap. */
  gaps: { node: string; source: string; state: string; reason: string | null }[];
  findings: EvidenceFinding[];
  /** Analyzers that failed, each with its reason. */
  failedAnalyzers: string[];
  analyzers: number;
}

export interface EvidenceFinding {
  analyzer: string;
  severity: 'critical' | 'warning' | 'info';
  title: string;
  node: string;
  subject: string;
  count: number;
  first: string | null;
  last: string | null;
  text: string;
  next: string;
  evidence: { timestamp: string; node: string; channel: string; text: string }[];
}

/** A file of a node in a bundle's volumes; `sextant bundle extract` unpacks it. */
export interface EvidenceFile {
  bundle: string;
  node: string;
  path: string;
  bytes: number;
  modifiedAt: string;
  volume: string;
}

/** Rows by name of column; `complete` is false when the limit left some out. */
export interface SqlAnswer {
  columns: { name: string; type: string }[];
  rows: Record<string, unknown>[];
  complete: boolean;
  rowsRead: number;
  bytesRead: number;
  elapsedMs: number;
}

export interface ApiError {
  error: { code: string; message: string; nextStep: string };
}

/** A token that can still be used; its secret is known to its bearer alone. */
export interface TokenRow {
  /** What `DELETE /api/v1/tokens/:id` takes. */
  id: string;
  kind: string;
  name: string;
  role: string;
  createdBy: string;
  createdAt: string;
  expiresAt: string;
}
