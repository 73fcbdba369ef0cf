import { type CoverageSource, collectorNode } from '../../bundle/coverage.ts';
import { safeSegment } from '../../bundle/entry-path.ts';
import type { RedactionTally } from '../../bundle/redaction/profile.ts';
import type { Redactor } from '../../bundle/redaction/redactor.ts';
import type { SiteRecords } from './site-records.ts';

/** One JSON file of the telemetry volume. */
export interface TelemetryDocument {
  node: string;
  source: string;
  /** Entry inside the volume. */
  path: string;
  value: unknown;
  /** When it was so, or what its entries span; null for what has no time of its own. */
  first: string | null;
  last: string | null;
  /** Entries that had no room in it: the oldest. */
  leftOut?: number;
}

/** A document that there is not, and why. */
export type MissingDocument = Pick<CoverageSource, 'node' | 'source' | 'state'> & { reason: string };

/** The site's records as files, those of each node first, and those that are missing. */
export function telemetryDocuments(
  records: SiteRecords,
  nodes: readonly string[],
  redactor: Redactor,
): { documents: TelemetryDocument[]; missing: MissingDocument[] } {
  const documents: TelemetryDocument[] = [];
  const missing: MissingDocument[] = [];
  for (const node of nodes) {
    const known = records.inventories.find((candidate) => candidate.node === node)?.inventory;
    if (!known) {
      const reason = 'the node has not told its inventory';
      missing.push({ node, source: 'telemetry/inventory', state: 'absent', reason });
    } else {
      const at = known.collectedAt;
      const path = `inventory/${safeSegment(redactor.node(node))}.json`;
      documents.push({ node, source: 'telemetry/inventory', path, value: known, first: at, last: at });
    }
  }
  const timeless = { node: collectorNode, first: null, last: null };
  for (const source of ['alerts', 'configuration'] as const) {
    documents.push({ ...timeless, source, path: `${source}.json`, value: records[source] });
  }
  documents.push(auditDocument(records));
  const of = { node: collectorNode, source: 'control-plane' };
  const seen = records.controlPlane;
  if (!seen) missing.push({ ...of, state: 'failed', reason: 'the results of probes could not be read from storage' });
  else if (seen.probes.length + seen.certificates.length + seen.readiness.length === 0) {
    missing.push({ ...of, state: 'absent', reason: 'no probe told anything in the window (docs/sources.md)' });
  } else documents.push({ ...of, path: 'control-plane.json', value: seen, first: null, last: null });
  return { documents, missing };
}

function auditDocument({ audit, auditEntries }: SiteRecords): TelemetryDocument {
  const leftOut = Math.max(0, auditEntries - audit.length);
  return {
    ...{ node: collectorNode, source: 'audit', path: 'audit.json', value: audit },
    ...{ first: audit.at(-1)?.at ?? null, last: audit[0]?.at ?? null },
    ...(leftOut > 0 && { leftOut }),
  };
}

/** What coverage says of it, with so many bytes in the volume. */
export function documentSource(document: TelemetryDocument, bytes: number, masked: RedactionTally): CoverageSource {
  const { node, source, first, last, leftOut } = document;
  const whole: CoverageSource = { node, source, state: 'ok', bytes, first, last, reason: null, masked };
  if (leftOut === undefined) return whole;
  const kept = (document.value as readonly unknown[]).length;
  return {
    ...whole,
    state: 'partial',
    leftOut: { records: leftOut, bytes: Math.round((bytes / Math.max(1, kept)) * leftOut) },
    reason: `the newest ${kept} of ${kept + leftOut} entries of the window, from ${first} on; a bundle whose window ends then has those before`,
  };
}

/** Its text, redacted. */
export const documentText = ({ value }: TelemetryDocument, redactor: Redactor, masked: RedactionTally): string =>
  `${JSON.stringify(redactor.document(value, masked), null, 2)}\n`;
