import type { CoverageState } from '../bundle/coverage.ts';
import { isGap } from '../bundle/coverage.ts';
import type { RedactionProfile } from '../bundle/redaction/profile.ts';
import { formatBytes } from '../bundle/report-format.ts';
import { writeOfflineBundle } from '../collector/bundles/offline/offline-bundle.ts';
import { loadSettings } from '../config/load.ts';
import { createLog } from '../logging/log.ts';
import type { BundleCreateOptions } from './bundle.ts';
import { printOutcome, soundCoverage } from './bundle-outcome.ts';
import { parseWindow } from './bundle-window.ts';
import type { CollectorAbsence } from './collector-absence.ts';
import { interruption } from './interruption.ts';
import { printable } from './printable.ts';
import { userName } from './user-name.ts';

/** Makes a bundle of a data folder without its collector, checks it, and leaves exit code 3 when something is missing. */
export async function createOffline(options: BundleCreateOptions, { because }: CollectorAbsence): Promise<void> {
  process.stderr.write(
    `Without the collector: ${printable(because)}.\nReading ${options.dataDir} as it lies on disk; nothing in it is changed, and no node is asked.\n`,
  );
  const settings = loadSettings({
    dataDir: options.dataDir,
    ...(options.config !== undefined && { configFile: options.config }),
  });
  const interrupted = interruption();
  const shown = new Set<string>();
  const bundle = await writeOfflineBundle({
    ...{ dataDir: options.dataDir, settings, out: options.out, because, ...parseWindow(options, Date.now()) },
    nodes: options.node,
    roles: options.role,
    redaction: options.redact as RedactionProfile,
    caps: { ...(options.maxBytes !== undefined && { total: options.maxBytes }), perClass: options.maxBytesPer },
    requestedBy: `${userName()} at the command line`,
    log: createLog('bundle', 'error'),
    nowMs: Date.now,
    signal: interrupted.signal,
    onItems: (items) => {
      if (options.json) return;
      for (const { node, source, state, bytes, reason } of items) {
        const key = `${node}/${source}/${state}`;
        if (shown.has(key)) continue;
        shown.add(key);
        const why = reason ? `  ${printable(reason)}` : '';
        process.stderr.write(`${state.padEnd(12)}  ${printable(node)}  ${source}  ${formatBytes(bytes)}${why}\n`);
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
