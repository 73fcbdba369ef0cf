import { estimateNodeBundle } from '../agent/collect/estimate-node-bundle.ts';
import { createFileQuestions, shareOfCommand } from '../agent/filesystems/file-questions.ts';
import type { BundleEstimate } from '../collector/api/shapes/bundles.ts';
import { threadPoolSize } from '../config/environment.ts';
import { loadSettings } from '../config/load.ts';
import type { AgentCollectOptions } from './agent-collect.ts';
import { parseWindow } from './bundle-window.ts';
import { printEstimate } from './estimate-table.ts';
import { interruption } from './interruption.ts';
import { print } from './output.ts';
import { demandRoles, readOwnProfile, tellDamage } from './own-profile.ts';

/** Says what a bundle of this node would hold, in the words and the shape of a collector's estimate. Writes nothing. */
export async function estimateFromNode(options: AgentCollectOptions): Promise<void> {
  const settings = loadSettings({
    dataDir: options.dataDir,
    ...(options.config !== undefined && { configFile: options.config }),
  });
  const { profile, fault } = await readOwnProfile(options.dataDir, settings);
  // With a fault nobody can tell which roles there were to be.
  if (!fault) demandRoles(profile, options.role);
  const window = parseWindow(options, Date.now());
  const interrupted = interruption();
  if (!options.json) process.stderr.write('Looking at what this node has; up to two minutes …\n');
  const { node, sources, damaged } = await estimateNodeBundle({
    ...{ dataDir: options.dataDir, settings, profile, profileFault: fault, ...window },
    ...{
      roles: options.role,
      classes: options.class,
      redaction: options.redact,
      signal: interrupted.signal,
      nowMs: Date.now,
    },
    questions: createFileQuestions(shareOfCommand(threadPoolSize())),
  }).finally(interrupted.close);
  tellDamage(damaged);
  const estimate: BundleEstimate = {
    from: new Date(window.fromUnixMs).toISOString(),
    until: new Date(window.untilUnixMs).toISOString(),
    nodes: [{ node, state: 'estimated', reason: null }],
    sources,
    bytes: sources.reduce((sum, { bytes }) => sum + bytes, 0),
    packedBytes: sources.reduce((sum, { packedBytes }) => sum + packedBytes, 0),
  };
  if (options.json) return print(`${JSON.stringify(estimate)}\n`);
  await printEstimate(estimate, options.class);
}
