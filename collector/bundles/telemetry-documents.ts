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
  /** When it was so; null for what has no time of its own. */
  at: string | null;
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
      const path = `inventory/${safeSegment(redactor.node(node))}.json`;
      documents.push({ node, source: 'telemetry/inventory', path, value: known, at: known.collectedAt });
    }
  }
  for (const source of ['alerts', 'configuration', 'audit'] as const) {
    documents.push({ node: collectorNode, source, path: `${source}.json`, value: records[source], at: null });
  }
  const of = { node: collectorNode, source: 'control-plane' };
  const seen = records.controlPlane;
  if (!seen) missing.push({ ...of, state: 'failed', reason: 'the results of probes could not be read from storage' });
  else if (seen.probes.length + seen.certificates.length + seen.readiness.length === 0) {
    missing.push({ ...of, state: 'absent', reason: 'no probe told anything in the window (docs/sources.md)' });
  } else documents.push({ ...of, path: 'control-plane.json', value: seen, at: null });
  return { documents, missing };
}

/** Its text, redacted. */
export const documentText = ({ value }: TelemetryDocument, redactor: Redactor, masked: RedactionTally): string =>
  `${JSON.stringify(redactor.document(value, masked), null, 2)}\n`;
