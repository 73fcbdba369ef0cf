import { type Coverage, collectorNode } from './coverage.ts';
import type { Redactor } from './redaction/redactor.ts';

/** Coverage as it leaves the site: it lies outside of the volumes, readable for whoever carries the medium. */
export function redactCoverage(coverage: Coverage, redactor: Redactor): Coverage {
  const node = (name: string): string => (name === collectorNode ? name : redactor.node(name));
  const text = (reason: string | null): string | null => reason && redactor.text(reason, {});
  return {
    ...coverage,
    ...(coverage.notes && { notes: coverage.notes.map((note) => redactor.text(note, {})) }),
    ...(coverage.unanswered && { unanswered: coverage.unanswered.map((question) => redactor.text(question, {})) }),
    nodes: coverage.nodes.map((entry) => ({ ...entry, node: node(entry.node), reason: text(entry.reason) })),
    sources: coverage.sources.map((source) => ({
      ...source,
      node: node(source.node),
      source: redactor.text(source.source, {}),
      reason: text(source.reason),
      ...(source.gaps && { gaps: source.gaps.map((gap) => ({ ...gap, what: redactor.text(gap.what, {}) })) }),
    })),
  };
}
