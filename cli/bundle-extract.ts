import { resolve } from 'node:path';
import { extractBundle } from '../bundle/extract.ts';
import { formatBytes } from '../bundle/report-format.ts';
import { openSoundBundle, type SoundBundle } from '../bundle/sound-bundle.ts';
import { SextantError } from '../errors/sextant-error.ts';
import { readBundleKeys } from './bundle-keys.ts';
import type { BundleExtractOptions } from './bundle-reading-commands.ts';
import { interruption } from './interruption.ts';
import { checkBundleFolders } from './named-path.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';

/** Unpacks a bundle; leaves exit code 3 when volumes were left out because they are damaged. */
export async function extract(folders: [string, ...string[]], options: BundleExtractOptions): Promise<void> {
  await checkBundleFolders(folders);
  const interrupted = interruption();
  try {
    const keys = await readBundleKeys(options);
    const { signal } = interrupted;
    const bundle = await openSoundBundle(folders, { ...keys, skipDamaged: options.skipDamaged, signal });
    const bases = new Set(bundle.volumes.map((volume) => volume.base));
    const unknown = options.node.find((node) => !bases.has(node));
    if (unknown !== undefined) {
      throw new SextantError('SX_NOT_FOUND', `there are no volumes of ${unknown} in ${bundle.name}`, {
        nextStep: `there are volumes of: ${[...bases].join(', ')}`,
      });
    }
    const to = options.to ?? resolve(`${bundle.name}-files`);
    const { identities } = keys;
    const done = await extractBundle(bundle, { to, only: options.node, signal, ...(identities && { identities }) });
    const { damaged } = bundle;
    if (damaged.length > 0) process.exitCode = 3;
    if (options.json) {
      await print(`${JSON.stringify({ bundle: bundle.coverage.bundle, ...done, damaged })}\n`);
      return;
    }
    await noteDamage(bundle);
    await print(`${done.files} files, ${formatBytes(done.bytes)}, in ${printable(done.to)}\n${originLine(bundle)}\n`);
  } finally {
    interrupted.close();
  }
}

/** Says which parts were left out; nothing when all are sound. */
export async function noteDamage({ damaged }: SoundBundle): Promise<void> {
  for (const { part, detail } of damaged) await print(`LEFT OUT  ${printable(part)}  ${printable(detail)}\n`);
}

/** Who signed it, and what that proves. */
export function originLine({ report, coverage }: SoundBundle): string {
  const who = `From ${printable(coverage.bundle.site)}, signed with key ${report.keyId}`;
  return report.trust === 'pinned'
    ? `${who}, which you named.`
    : `${who}, which the bundle itself declares: compare it with the site’s, or give --key.`;
}
