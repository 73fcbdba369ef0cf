import { rm } from 'node:fs/promises';
import { analyzeBundle } from '../bundle/analysis/analyze-bundle.ts';
import type { FindingSeverity } from '../bundle/analysis/analyzer.ts';
import { countText, type Finding, type Findings } from '../bundle/analysis/finding.ts';
import { isGap } from '../bundle/coverage.ts';
import { formatTime } from '../bundle/report-format.ts';
import { openSoundBundle, type SoundBundle } from '../bundle/sound-bundle.ts';
import { noteDamage, originLine } from './bundle-extract.ts';
import { readBundleKeys } from './bundle-keys.ts';
import type { BundleAnalyzeOptions } from './bundle-reading-commands.ts';
import { type Color, paint, wantsColor } from './color.ts';
import { interruption } from './interruption.ts';
import { checkBundleFolders } from './named-path.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';
import { makeScratchFolder } from './scratch-folder.ts';

/** Prints what the analyzers find in a bundle; leaves exit code 3 when parts of it could not be looked at. */
export async function analyze(folders: [string, ...string[]], options: BundleAnalyzeOptions): Promise<void> {
  await checkBundleFolders(folders);
  const interrupted = interruption();
  const scratch = await makeScratchFolder('sextant-analyze-');
  try {
    const { signal } = interrupted;
    const keys = await readBundleKeys(options);
    const bundle = await openSoundBundle(folders, { ...keys, skipDamaged: options.skipDamaged, signal });
    const { identities } = keys;
    const findings = await analyzeBundle(bundle, {
      identities,
      scratch,
      rules: options.rules,
      nowMs: Date.now(),
      signal,
    });
    if (bundle.damaged.length > 0 || findings.failed.length > 0) process.exitCode = 3;
    if (options.json) await print(`${JSON.stringify(findings)}\n`);
    else await show(bundle, findings);
  } finally {
    interrupted.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function show(bundle: SoundBundle, findings: Findings): Promise<void> {
  const colored = wantsColor(process.stdout);
  const { coverage } = bundle;
  await noteDamage(bundle);
  await print(`${printable(coverage.bundle.name)}\n${originLine(bundle)}\n`);
  const gaps = coverage.sources.filter(({ state }) => isGap(state)).length;
  if (coverage.bundle.state === 'partial') {
    await print(`PARTIAL: ${gaps} sources left a gap; what is missing cannot be found. See coverage.json.\n`);
  }
  for (const finding of findings.findings) await print(`\n${describe(finding, colored)}`);
  for (const failure of findings.failed) await print(`\nNOT LOOKED AT: ${printable(failure)}\n`);
  const looked = `${findings.analyzers} analyzers, ${findings.records} records, ${findings.samples} samples`;
  const left = findings.omitted > 0 ? `; ${findings.omitted} further ones are left out` : '';
  const unread = findings.unread > 0 ? `; ${findings.unread} lines could not be read` : '';
  await print(`\n${countText(findings.findings)} (${looked}${left}${unread})\n`);
}

const colors: Partial<Record<FindingSeverity, Color>> = { critical: 'red', warning: 'yellow' };

function describe(finding: Finding, colored: boolean): string {
  const { severity, title, text, next, evidence, analyzer } = finding;
  const color = colors[severity];
  const word = colored && color ? paint(severity.toUpperCase(), color) : severity.toUpperCase();
  const lines = evidence.map(
    (one) => `    ${formatTime(one.timestamp)}  ${printable(one.channel)}  ${printable(one.text.slice(0, 160))}\n`,
  );
  return `${word}  ${printable(title)}  [${printable(analyzer)}]\n  ${printable(text)}\n${lines.join('')}  → ${printable(next)}\n`;
}
