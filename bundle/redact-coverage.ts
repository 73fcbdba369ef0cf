import type { Coverage } from './coverage.ts';
import type { Redactor } from './redaction/redactor.ts';
import { unanswered } from './unanswered.ts';

/** Coverage as it leaves the site: it lies outside of the volumes, readable for whoever carries the medium. */
export function redactCoverage(coverage: Coverage, redactor: Redactor): Coverage {
  const { node } = redactor;
  const text = (reason: string | null): string | null => reason && redactor.text(reason, {});
  const redacted: Coverage = {
    ...coverage,
    ...(coverage.notes && { notes: coverage.notes.map((note) => redactor.text(note, {})) }),
    nodes: coverage.nodes.map((entry) => ({ ...entry, node: node(entry.node), reason: text(entry.reason) })),
    sources: coverage.sources.map((source) => ({
      ...source,
      node: node(source.node),
      source: redactor.text(source.source, {}),
      reason: text(source.reason),
      ...(source.gaps && { gaps: source.gaps.map((gap) => ({ ...gap, what: redactor.text(gap.what, {}) })) }),
    })),
  };
  // Told again, from what is redacted: a short name in the middle of a sentence is not found.
  return coverage.unanswered ? { ...redacted, unanswered: unanswered(redacted) } : redacted;
}
