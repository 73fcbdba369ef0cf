import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { countText } from '../bundle/analysis/finding.ts';
import { openSoundBundle } from '../bundle/sound-bundle.ts';
import { type Case, openCase } from '../collector/case/case-folder.ts';
import { type Imported, importBundle } from '../collector/case/import-bundle.ts';
import { demandCasePlace } from '../collector/case/new-case.ts';
import { createLog } from '../logging/log.ts';
import { noteDamage, originLine } from './bundle-extract.ts';
import { type BundleKeys, readBundleKeys } from './bundle-keys.ts';
import type { BundleImportOptions, BundleReadingOptions } from './bundle-reading-commands.ts';
import { endWithoutLibraries } from './end-without-libraries.ts';
import { interruption } from './interruption.ts';
import { checkBundleFolders } from './named-path.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';
import { makeScratchFolder } from './scratch-folder.ts';

/** Takes bundles into a case folder; leaves exit code 3 when parts of them were left out. */
export async function importBundles(folders: readonly string[], options: BundleImportOptions): Promise<void> {
  await checkBundleFolders(folders);
  demandCasePlace(options.to);
  const keys = await readBundleKeys(options);
  const interrupted = interruption();
  let target: Case | undefined;
  const opened = async (): Promise<Case> => {
    if (!target) {
      await endWithoutLibraries();
      target = await openCase(options.to, createLog('case', 'error'));
    }
    return target;
  };
  try {
    const imported = await importInto(opened, folders, { ...options, keys }, interrupted.signal);
    if (options.json) {
      const bundles = imported.map(({ bundle: { coverage, alerts: _, ...bundle }, ...rest }) => ({
        ...bundle,
        window: { from: coverage.bundle.from, until: coverage.bundle.until },
        ...rest,
      }));
      await print(`${JSON.stringify({ case: options.to, bundles })}\n`);
    } else
      await print(`\nThe case is in ${printable(options.to)}. Open it: sextant bundle open ${printable(options.to)}\n`);
  } finally {
    await target?.close();
    interrupted.close();
  }
}

/**
 * Verifies and imports bundles one after the other; what was imported before a bundle that is refused stays. The case is
 * asked for when there is something to put into it: a bundle that is not sound neither makes nor touches one.
 */
export async function importInto(
  opened: () => Promise<Case>,
  folders: readonly string[],
  { keys, ...options }: Pick<BundleReadingOptions, 'skipDamaged' | 'json'> & { keys: BundleKeys },
  signal: AbortSignal,
): Promise<Imported[]> {
  const scratch = await makeScratchFolder('sextant-import-');
  const imported: Imported[] = [];
  try {
    for (const pieces of byBundle(folders)) {
      const sound = await openSoundBundle(pieces, { ...keys, skipDamaged: options.skipDamaged, signal });
      const say = progress(sound.name);
      const one = await importBundle(await opened(), sound, {
        identities: keys.identities,
        scratch,
        signal,
        onStep: say,
      });
      say(undefined);
      imported.push(one);
      if (sound.damaged.length > 0) process.exitCode = 3;
      if (options.json) continue;
      await noteDamage(sound);
      await print(`${describe(one)}\n  ${originLine(sound)}\n`);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return imported;
}

/** Folders of one name are one bundle on several media. */
const byBundle = (folders: readonly string[]): [string, ...string[]][] =>
  [...Map.groupBy(folders, (folder) => basename(folder)).values()].map((pieces) => pieces as [string, ...string[]]);

function describe({ bundle, fresh, duplicates }: Imported): string {
  const { name, records, samples, unread, findings } = bundle;
  const head = printable(name);
  const found = `findings: ${countText(findings?.findings ?? [])}`;
  if (!fresh) return `${head}: is in the case already; ${found}`;
  const again = duplicates > 0 ? `, ${duplicates} of them in the case already` : '';
  const lost = unread > 0 ? `, ${unread} lines that could not be read` : '';
  return `${head}: ${records} records and ${samples} samples${again}${lost}; ${found}`;
}

/** Progress on a terminal; nothing elsewhere. */
function progress(name: string): (step: { what: string; lines: number } | undefined) => void {
  if (!process.stderr.isTTY) return () => undefined;
  return (step) =>
    process.stderr.write(
      `\r\x1b[K${step ? `${printable(name)}: ${step.what}${step.lines > 0 ? ` ${step.lines} lines` : ''}` : ''}`,
    );
}
