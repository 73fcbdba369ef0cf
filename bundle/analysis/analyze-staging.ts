import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Coverage } from '../coverage.ts';
import { parseVolumeName } from '../volume-name.ts';
import { createVolumeWriter } from '../volume-writer.ts';
import { createAnalysis } from './analysis.ts';
import { loadAnalyzers } from './analyzer.ts';
import type { Findings } from './finding.ts';
import { readEvidence } from './read-bundle.ts';

/** Base of the volume that holds findings with their evidence where the volumes are encrypted; no node has such a name. */
export const findingsBase = '_findings';
export const findingsPath = 'findings.json';

/**
 * Runs the analyzers over the volumes of a bundle that is being made: `data` of its staging folder, redacted, not yet
 * encrypted. An analysis that fails says so in what it returns; only `signal` makes it reject.
 */
export async function analyzeStaging(
  data: string,
  coverage: Coverage,
  { nowMs, signal }: { nowMs: number; signal?: AbortSignal },
): Promise<Findings> {
  const analysis = createAnalysis(loadAnalyzers());
  analysis.coverage(coverage);
  const volumes = (await readdir(data)).sort().flatMap((name) => {
    const parsed = parseVolumeName(name);
    // A raw volume comes encrypted, and is nothing to read anyway.
    return parsed && !parsed.encrypted ? [{ ...parsed, part: `data/${name}`, file: join(data, name), ok: true }] : [];
  });
  try {
    // Nothing is decrypted here; the folder is never written to.
    await readEvidence(volumes, analysis, { scratch: data, signal });
  } catch (error) {
    signal?.throwIfAborted();
    const findings = analysis.findings(nowMs);
    const reason = `reading: ${(error as Error).message}`.slice(0, 1000);
    return { ...findings, failed: [reason, ...findings.failed] };
  }
  return analysis.findings(nowMs);
}

/** Writes findings with their evidence into a volume of their own in `data`. */
export async function writeFindingsVolume(data: string, findings: Findings, nowMs: number): Promise<void> {
  const writer = createVolumeWriter({ folder: data, base: findingsBase });
  const text = `${JSON.stringify(findings, null, 2)}\n`;
  await writer.add({ path: findingsPath, modifiedMs: nowMs }, [Buffer.from(text)]);
  await writer.close();
}
