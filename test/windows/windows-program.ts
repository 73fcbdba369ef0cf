import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleProgram } from '../../scripts/bundle-program.js';
import { koffiForWindows } from '../../scripts/windows-packages.js';

/**
 * Bundles programs (name and entry file, relative to the checkout) into a folder as they ship for Windows, koffi's DLL
 * beside them, but for the older Node that runs under Wine. Gives the path of each program.
 */
export async function buildForWine<Name extends string>(
  programs: Record<Name, string>,
  outDir: string,
): Promise<Record<Name, string>> {
  await bundleProgram(programs, { outDir, target: 'node22' });
  copyFileSync(koffiForWindows(), join(outDir, 'koffi.node'));
  const paths = Object.keys(programs).map((name) => [name, join(outDir, `${name}.js`)]);
  return Object.fromEntries(paths) as Record<Name, string>;
}
