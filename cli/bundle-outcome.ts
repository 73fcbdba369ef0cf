import { type Coverage, type CoverageNode, type CoverageSource, collectorNode } from '../bundle/coverage.ts';
import type { MinisignPublicKey } from '../bundle/minisign-key.ts';
import { formatBytes } from '../bundle/report-format.ts';
import { verifyBundle } from '../bundle/verify.ts';
import { SextantError } from '../errors/sextant-error.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';

/** A bundle that was just made, with the names that people here know. */
interface BundleOutcome {
  id: string;
  path: string;
  bytes: number;
  keyId: string | null;
  coverage: Coverage;
  /** Why it is not encrypted, where it is not; that nobody is configured when absent. */
  unsealedBecause?: string;
  nodes: Pick<CoverageNode, 'node' | 'state' | 'reason'>[];
  gaps: (Pick<CoverageSource, 'node' | 'source' | 'reason'> & { state: string })[];
}

/** Coverage of a bundle that verifies, against `key` when it is known. Throws SX_BUNDLE_INVALID that names the parts. */
export async function soundCoverage(
  path: string,
  key: MinisignPublicKey | undefined,
): Promise<{ coverage: Coverage; keyId: string | null }> {
  const verified = await verifyBundle(path, key ? { keys: [key] } : {});
  if (verified.ok && verified.coverage) return { coverage: verified.coverage, keyId: verified.keyId };
  const faults = verified.parts.filter((part) => !part.ok).map((part) => `${part.part} (${part.detail})`);
  throw new SextantError('SX_BUNDLE_INVALID', `the bundle in ${path} is not sound: ${faults.join(', ')}`, {
    nextStep: 'create it again; if that is not sound either, look at the disk that it was written to',
  });
}

/** Prints what came of it, what is missing first, and leaves exit code 3 when something is. */
export async function printOutcome(outcome: BundleOutcome, json: boolean): Promise<void> {
  const { id, path, bytes, keyId, coverage, nodes, gaps } = outcome;
  if (coverage.bundle.state === 'partial') process.exitCode = 3;
  if (json) {
    const states: Record<string, number> = {};
    for (const { state } of coverage.sources) states[state] = (states[state] ?? 0) + 1;
    const summary = {
      nodes: nodes.map(({ node, state, reason }) => ({ node, state, reason })),
      sources: states,
      gaps: gaps.map(({ node, source, state, reason }) => ({ node, source, state, reason })),
      masked: coverage.masked,
      redaction: coverage.bundle.redaction,
      recipients: coverage.bundle.recipients,
      notes: coverage.notes ?? [],
      unanswered: coverage.unanswered ?? [],
    };
    await print(`${JSON.stringify({ id, path, state: coverage.bundle.state, bytes, keyId, coverage: summary })}\n`);
    return;
  }
  const lost = nodes.filter((node) => node.state !== 'gathered');
  const missing = [
    ...lost.map((node) => `  ${node.node}: ${node.state}, ${node.reason ?? ''}`),
    ...gaps.map(
      (gap) => `  ${gap.node === collectorNode ? '' : `${gap.node} `}${gap.source}: ${gap.state}, ${gap.reason ?? ''}`,
    ),
  ];
  if (missing.length > 0) await print(`Missing:\n${missing.map(printable).join('\n')}\n`);
  for (const note of coverage.notes ?? []) await print(`Note: ${printable(note)}\n`);
  const open = coverage.unanswered?.length ?? 0;
  if (open > 0) {
    await print(`It cannot answer ${open === 1 ? 'a question' : `${open} questions`}, which index.html names first.\n`);
  }
  await print(
    `${coverage.bundle.state === 'complete' ? 'Complete' : 'Partial'}: ${formatBytes(bytes)}, checked, signed with key ${keyId}\n${redactionLine(outcome)}${path}\n`,
  );
}

const nobodyConfigured = 'no recipients are configured (collector.bundles.recipients, docs/redaction.md)';

/** What protects the content, or that nothing does. */
function redactionLine({ coverage: { bundle, masked }, unsealedBecause = nobodyConfigured }: BundleOutcome): string {
  const replaced = Object.values(masked).reduce((sum, count) => sum + count, 0);
  const redacted =
    bundle.redaction === 'none'
      ? 'NOT REDACTED: passwords, names and addresses stand in it as they were'
      : `Redacted (${bundle.redaction}): ${replaced} values replaced`;
  const sealed =
    bundle.recipients > 0 ? `encrypted to ${bundle.recipients} recipients` : `NOT ENCRYPTED: ${unsealedBecause}`;
  return `${redacted}; ${sealed}\n`;
}
