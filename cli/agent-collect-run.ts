import { writeNodeBundle } from '../agent/collect/node-bundle.ts';
import { createFileQuestions, shareOfCommand } from '../agent/filesystems/file-questions.ts';
import { isGap } from '../bundle/coverage.ts';
import { formatBytes } from '../bundle/report-format.ts';
import { threadPoolSize } from '../config/environment.ts';
import { loadSettings } from '../config/load.ts';
import type { AgentCollectOptions } from './agent-collect.ts';
import { printOutcome, soundCoverage } from './bundle-outcome.ts';
import { parseWindow } from './bundle-window.ts';
import { interruption } from './interruption.ts';
import { makeOutFolder } from './out-folder.ts';
import { demandRoles, readOwnProfile, tellDamage } from './own-profile.ts';
import { printable } from './printable.ts';
import { demandReadableData } from './readable-data.ts';

/** Writes a bundle of this node, checks it, and leaves exit code 3 when something is missing in it. */
export async function collectFromNode(options: AgentCollectOptions): Promise<void> {
  demandReadableData(options.dataDir);
  const settings = loadSettings({
    dataDir: options.dataDir,
    ...(options.config !== undefined && { configFile: options.config }),
  });
  const { profile, fault } = await readOwnProfile(options.dataDir, settings);
  // With a fault nobody can tell which roles there were to be.
  if (!fault) demandRoles(profile, options.role);
  const window = parseWindow(options, Date.now());
  makeOutFolder(options.out);
  const interrupted = interruption();
  const shown = new Map<string, string>();
  const bundle = await writeNodeBundle({
    ...{ dataDir: options.dataDir, settings, profile, profileFault: fault, out: options.out, ...window },
    roles: options.role,
    classes: options.class,
    redaction: options.redact,
    signal: interrupted.signal,
    nowMs: Date.now,
    onProgress: ({ source, state, bytes, reason }) => {
      if (options.json || shown.get(source) === state) return;
      shown.set(source, state);
      process.stderr.write(`${source}: ${state}, ${formatBytes(bytes)}${reason ? `, ${printable(reason)}` : ''}\n`);
    },
    questions: createFileQuestions(shareOfCommand(threadPoolSize())),
  }).finally(interrupted.close);
  if (bundle.removed) process.stderr.write(`Removed what an interrupted run had left: ${bundle.removed}\n`);
  tellDamage(bundle.damaged);
  if (bundle.unrecorded) {
    const why = printable(bundle.unrecorded);
    process.stderr.write(
      `What its pseudonyms stand for could not be written down (${why}): \`sextant agent reveal\` will not know.\n`,
    );
  }
  const { coverage, keyId } = await soundCoverage(bundle.path, bundle.publicKey);
  const gaps = bundle.coverage.sources.filter((source) => isGap(source.state));
  await printOutcome({ ...bundle, keyId, coverage, nodes: bundle.coverage.nodes, gaps }, Boolean(options.json));
}
