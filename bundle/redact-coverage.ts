import { type Coverage, collectorNode } from '../../bundle/coverage.ts';
import type { Redactor } from '../../bundle/redaction/redactor.ts';

/** Coverage as it leaves the site: it lies outside of the volumes, readable for whoever carries the medium. */
export function redactCoverage(coverage: Coverage, redactor: Redactor): Coverage {
  const node = (name: string): string => (name === collectorNode ? name : redactor.node(name));
  const text = (reason: string | null): string | null => reason && redactor.text(reason, {});
  return {
    ...coverage,
    nodes: coverage.nodes.map((entry) => ({ ...entry, node: node(entry.node), reason: text(entry.reason) })),
    sources: coverage.sources.map((source) => ({
      ...source,
      node: node(source.node),
      source: redactor.text(source.source, {}),
      reason: text(source.reason),
    })),
  };
}
