import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { CoverageState } from '../bundle/coverage.ts';
import { isGap } from '../bundle/coverage.ts';
import type { RedactionProfile } from '../bundle/redaction/profile.ts';
import { writeOfflineBundle } from '../collector/bundles/offline/offline-bundle.ts';
import { estimateOffline } from '../collector/bundles/offline/offline-estimate.ts';
import { loadSettings } from '../config/load.ts';
import { createLog } from '../logging/log.ts';
import type { BundleCreateOptions } from './bundle.ts';
import { sourceText } from './bundle-figures.ts';
import { printOutcome, soundCoverage } from './bundle-outcome.ts';
import { parseWindow } from './bundle-window.ts';
import type { CollectorAbsence } from './collector-absence.ts';
import { endWithoutLibraries } from './end-without-libraries.ts';
import { printEstimate } from './estimate-table.ts';
import { interruption } from './interruption.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';
import { userName } from './user-name.ts';

/** What both the bundle and its estimate are told. */
function offlineRequest(options: BundleCreateOptions, { because }: CollectorAbsence) {
  process.stderr.write(
    `Without the collector: ${printable(because)}.\nReading ${options.dataDir} as it lies on disk; nothing in it is changed, and no node is asked.\n`,
  );
  return {
    ...{ dataDir: options.dataDir, because, ...parseWindow(options, Date.now()) },
    settings: loadSettings({
      dataDir: options.dataDir,
      ...(options.config !== undefined && { configFile: options.config }),
    }),
    nodes: options.node,
    roles: options.role,
    classes: options.class,
    redaction: options.redact as RedactionProfile,
    caps: { ...(options.maxBytes !== undefined && { total: options.maxBytes }), perClass: options.maxBytesPer },
    parquet: options.parquet ?? false,
    log: createLog('bundle', 'error'),
    nowMs: Date.now,
  };
}

/** Says what a bundle of a data folder without its collector would hold. */
export async function estimateWithoutCollector(options: BundleCreateOptions, absence: CollectorAbsence): Promise<void> {
  await endWithoutLibraries();
  const interrupted = interruption();
  const estimate = await estimateOffline({
    ...offlineRequest(options, absence),
    elsewhere: existsSync(options.out) ? options.out : tmpdir(),
    signal: interrupted.signal,
  }).finally(interrupted.close);
  if (options.json) return print(`${JSON.stringify(estimate)}\n`);
  // That the folder is read without the collector has been said.
  for (const note of estimate.notes.slice(1)) process.stderr.write(`${printable(note)}\n`);
  await printEstimate(estimate, options.class);
}

/** Makes a bundle of a data folder without its collector, checks it, and leaves exit code 3 when something is missing. */
export async function createOffline(options: BundleCreateOptions, absence: CollectorAbsence): Promise<void> {
  const request = offlineRequest(options, absence);
  await endWithoutLibraries();
  const interrupted = interruption();
  const shown = new Set<string>();
  const bundle = await writeOfflineBundle({
    ...request,
    out: options.out,
    requestedBy: `${userName()} at the command line`,
    signal: interrupted.signal,
    onItems: (items) => {
      if (options.json) return;
      for (const item of items) {
        const { node, source, state, reason } = item;
        const key = `${node}/${source}/${state}`;
        if (shown.has(key)) continue;
        shown.add(key);
        const why = reason ? `  ${printable(reason)}` : '';
        process.stderr.write(`${state.padEnd(12)}  ${printable(node)}  ${source}  ${sourceText(item)}${why}\n`);
      }
    },
  }).finally(interrupted.close);
  if (bundle.unrecorded) {
    process.stderr.write(
      `The site’s own records were not told of it (${printable(bundle.unrecorded)}): new pseudonyms cannot be revealed later.\n`,
    );
  }
  const { coverage, keyId } = await soundCoverage(bundle.path, bundle.key);
  const nodes = coverage.nodes.map((entry, at) => ({ ...entry, node: bundle.nodes[at] ?? entry.node }));
  const gaps = bundle.items.filter((item) => isGap(item.state as CoverageState));
  await printOutcome({ ...bundle, keyId, coverage, nodes, gaps }, Boolean(options.json));
}
