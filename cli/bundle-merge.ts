import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { collectFolder } from '../agent/collect/node-bundle.ts';
import { isGap } from '../bundle/coverage.ts';
import { mergeBundles, openMergeParts } from '../bundle/merge.ts';
import { loadSigningKey } from '../bundle/minisign-key.ts';
import { createUnfinished } from '../bundle/unfinished.ts';
import { type FolderLock, lockFolder } from '../durable/folder-lock.ts';
import type { BundleMergeOptions } from './bundle.ts';
import { readBundleKeys } from './bundle-keys.ts';
import { printOutcome, soundCoverage } from './bundle-outcome.ts';
import { interruption } from './interruption.ts';
import { checkBundleFolders } from './named-path.ts';
import { makeOutFolder } from './out-folder.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';

const unsealedBecause = 'not all of its parts are, and merging encrypts nothing';

/** Joins bundles into one, checks it, and leaves exit code 3 when something is missing in it. */
export async function mergeFolders(folders: string[], options: BundleMergeOptions): Promise<void> {
  await checkBundleFolders(folders);
  const own = join(options.dataDir, 'collector', 'keys');
  const folder = collectFolder(options.dataDir);
  const interrupted = interruption();
  const { signal } = interrupted;
  let lock: FolderLock | undefined;
  try {
    // What cannot be merged leaves no key and no lock behind.
    const parts = await openMergeParts(folders, { ...(await readBundleKeys(options)), signal });
    makeOutFolder(options.out);
    lock = lockFolder(folder, { role: 'sextant bundle merge', nowMs: Date.now() });
    // Where there is no collector this is a node, or a place where bundles are put together: it has a key of its own.
    const key = loadSigningKey(existsSync(own) ? own : join(folder, 'keys'));
    const unfinished = createUnfinished(folder);
    await unfinished.clean();
    const merged = await mergeBundles(parts, {
      out: options.out,
      key,
      nowMs: Date.now,
      signal,
      onStaging: unfinished.begin,
    });
    await unfinished.end();
    if (!options.json) {
      for (const { coverage, report } of parts) {
        await print(
          `ok    ${printable(coverage.bundle.name)}  ${coverage.bundle.state}, signed with key ${report.keyId}\n`,
        );
      }
    }
    const { coverage, keyId } = await soundCoverage(merged.path, key.publicKey);
    const { id } = coverage.bundle;
    const gaps = coverage.sources.filter((source) => isGap(source.state));
    await printOutcome(
      { ...merged, id, keyId, coverage, unsealedBecause, nodes: coverage.nodes, gaps },
      Boolean(options.json),
    );
  } finally {
    interrupted.close();
    lock?.close();
  }
}
