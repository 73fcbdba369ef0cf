import { verifyBundle } from '../bundle/verify.ts';
import type { BundleVerifyOptions } from './bundle.ts';
import { readBundleKeys } from './bundle-keys.ts';
import { paint, wantsColor } from './color.ts';
import { checkBundleFolders } from './named-path.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';

/** Checks a bundle and prints a line per part; leaves exit code 1 when a part is not as it was written. */
export async function verify([path, ...alsoIn]: [string, ...string[]], options: BundleVerifyOptions): Promise<void> {
  await checkBundleFolders([path, ...alsoIn]);
  const keys = await readBundleKeys(options);
  const colored = wantsColor(process.stdout);
  const word = (ok: boolean): string => {
    const text = ok ? 'ok  ' : 'FAIL';
    return colored ? paint(text, ok ? 'green' : 'red') : text;
  };
  let output = Promise.resolve();
  const report = await verifyBundle(path, {
    ...keys,
    alsoIn,
    ...(!options.json && {
      onPart: (part) => {
        output = output.then(() => print(`${word(part.ok)}  ${printable(part.part)}  ${printable(part.detail)}\n`));
      },
    }),
  });
  await output;
  const faults = report.parts.filter((part) => !part.ok);
  if (!report.ok) process.exitCode = 1;
  if (options.json) {
    const { ok, trust, keyId, trustedComment, parts, coverage } = report;
    const bundle = coverage?.bundle ?? null;
    await print(`${JSON.stringify({ ok, path, trust, keyId, trustedComment, bundle, parts })}\n`);
    return;
  }
  if (!report.ok) {
    await print(`\nNOT SOUND: ${faults.map((part) => printable(part.part)).join(', ')}\n`);
    return;
  }
  const origin =
    report.trust === 'pinned'
      ? `Signed with the key that you named (${report.keyId}).`
      : `Signed with key ${report.keyId}, which the bundle itself declares: compare it with the site’s, or give --key.`;
  const { coverage } = report;
  const state = coverage
    ? `${coverage.bundle.state}, ${printable(coverage.bundle.site)}, ${coverage.bundle.from} to ${coverage.bundle.until}`
    : 'its coverage cannot be read';
  await print(`\nSound: ${report.parts.length} parts checked. ${origin}\nBundle: ${state}\n`);
}
