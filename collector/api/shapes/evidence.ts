/**
 * What the pages over bundles show, as `/api/v1` answers; the command line and the dashboard import these types.
 * Times are RFC 3339 with nanoseconds where the source has them; durations and offsets are milliseconds.
 */

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
  /** Questions that the bundle cannot answer. */
  unanswered: string[];
  /** How it came about, where it was not made as usual. */
  notes: string[];
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
