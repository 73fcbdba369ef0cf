import { collectorNode } from '../../bundle/coverage.ts';
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

/** The site's records as files, those of each node first. */
export function telemetryDocuments(records: SiteRecords, nodes: readonly string[], redactor: Redactor) {
  const documents: TelemetryDocument[] = [];
  const withoutInventory: string[] = [];
  for (const node of nodes) {
    const known = records.inventories.find((candidate) => candidate.node === node)?.inventory;
    if (!known) withoutInventory.push(node);
    else {
      const path = `inventory/${safeSegment(redactor.node(node))}.json`;
      documents.push({ node, source: 'telemetry/inventory', path, value: known, at: known.collectedAt });
    }
  }
  for (const source of ['alerts', 'configuration', 'audit'] as const) {
    documents.push({ node: collectorNode, source, path: `${source}.json`, value: records[source], at: null });
  }
  return { documents, withoutInventory };
}

/** Its text, redacted. */
export const documentText = ({ value }: TelemetryDocument, redactor: Redactor, masked: RedactionTally): string =>
  `${JSON.stringify(redactor.document(value, masked), null, 2)}\n`;
