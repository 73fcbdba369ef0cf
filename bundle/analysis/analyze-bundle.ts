import type { AgeIdentity } from '../age/key.ts';
import type { SoundBundle } from '../sound-bundle.ts';
import { createAnalysis } from './analysis.ts';
import { loadAnalyzers } from './analyzer.ts';
import type { Findings } from './finding.ts';
import { readEvidence } from './read-bundle.ts';

interface AnalyzeOptions {
  identities?: readonly AgeIdentity[] | undefined;
  /** A folder for plaintext while it is read. */
  scratch: string;
  /** Files with further analyzers. */
  rules?: readonly string[];
  nowMs: number;
  signal?: AbortSignal | undefined;
}

/** Runs the analyzers of this release over a sound bundle. Throws SX_CONFIG_INVALID for `rules` that are wrong. */
export async function analyzeBundle(bundle: SoundBundle, options: AnalyzeOptions): Promise<Findings> {
  const { identities, scratch, rules = [], nowMs, signal } = options;
  const analysis = createAnalysis(loadAnalyzers(rules));
  analysis.coverage(bundle.coverage);
  await readEvidence(bundle.volumes, analysis, { identities, scratch, signal });
  return analysis.findings(nowMs);
}
