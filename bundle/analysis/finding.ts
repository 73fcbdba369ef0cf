import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { severities } from './analyzer.ts';

const Time = Type.Union([Type.String({ maxLength: 40 }), Type.Null()]);

const Evidence = Type.Object(
  {
    timestamp: Type.String({ maxLength: 40 }),
    node: Type.String({ maxLength: 255 }),
    channel: Type.String({ maxLength: 1024 }),
    text: Type.String({ maxLength: 1024 }),
  },
  { additionalProperties: false },
);
export type FindingEvidence = Static<typeof Evidence>;

const Finding = Type.Object(
  {
    analyzer: Type.String({ maxLength: 64 }),
    severity: Type.Enum([...severities]),
    category: Type.String({ maxLength: 64 }),
    title: Type.String({ maxLength: 2000 }),
    node: Type.String({ maxLength: 255, description: 'empty: about the site as a whole' }),
    subject: Type.String({ maxLength: 1024 }),
    count: Type.Integer({ minimum: 0, description: 'records or samples that speak for it' }),
    first: Time,
    last: Time,
    text: Type.String({ maxLength: 8192, description: 'what was found, in words, with its evidence' }),
    next: Type.String({ maxLength: 2000, description: 'what to do about it' }),
    evidence: Type.Array(Evidence, { maxItems: 8, description: 'some of the records' }),
  },
  { additionalProperties: false },
);
export type Finding = Static<typeof Finding>;

/** What the analyzers found in a bundle: findings.json. */
export const Findings = Type.Object(
  {
    format: Type.Literal('sextant-findings/1'),
    analyzers: Type.Integer({ minimum: 0, description: 'how many looked' }),
    madeBy: Type.String({ maxLength: 64, description: 'version of Sextant' }),
    madeAt: Type.String({ maxLength: 40 }),
    records: Type.Integer({ minimum: 0 }),
    samples: Type.Integer({ minimum: 0 }),
    withEvidence: Type.Boolean({
      description: 'false: the bundle is encrypted; subjects, texts and records are in its volume `findings`',
    }),
    omitted: Type.Integer({ minimum: 0, description: 'further findings of analyzers that had too many' }),
    unread: Type.Integer({ minimum: 0, description: 'lines that could not be read' }),
    failed: Type.Array(Type.String({ maxLength: 1024 }), {
      description: 'analyzers that failed, each with its reason',
    }),
    findings: Type.Array(Finding, { maxItems: 10_000 }),
  },
  { additionalProperties: false, title: 'Findings of a Sextant bundle' },
);
export type Findings = Static<typeof Findings>;

const compiled = Compile(Findings);

/** Reads a findings.json from outside; undefined when it is not one. */
export function parseFindings(text: string): Findings | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return compiled.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What may lie in the clear beside encrypted volumes: which analyzers found how much, when, and on which node. */
export const withoutEvidence = (findings: Findings): Findings => ({
  ...findings,
  withEvidence: false,
  failed: findings.failed.map((failure) => failure.split(':', 1)[0] ?? ''),
  findings: findings.findings.map((finding) => ({ ...finding, subject: '', text: '', evidence: [] })),
});

const rank = (finding: Finding): number => severities.indexOf(finding.severity);

/** The worst first, then by what is most frequent. */
export const byWeight = (a: Finding, b: Finding): number =>
  rank(a) - rank(b) || b.count - a.count || a.analyzer.localeCompare(b.analyzer) || a.node.localeCompare(b.node);

/** `2 critical, 1 warning`. */
export function countText(findings: readonly Finding[]): string {
  const parts = severities.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : `${count} ${severity}`;
  });
  return parts.join(', ') || 'none';
}
