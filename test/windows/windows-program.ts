import { copyFileSync, cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleProgram } from '../../scripts/bundle-program.js';
import { koffiForWindows } from '../../scripts/windows-packages.js';

const checkout = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Bundles programs (name and entry file, relative to the checkout) into a folder as they ship for Windows, koffi's DLL
 * beside them, but for the older Node that runs under Wine. Gives the path of each program.
 */
export async function buildForWine<Name extends string>(
  programs: Record<Name, string>,
  outDir: string,
  { oneFile = false }: { oneFile?: boolean } = {},
): Promise<Record<Name, string>> {
  await bundleProgram(programs, { outDir, target: 'node22', oneFile });
  copyFileSync(koffiForWindows(), join(outDir, 'koffi.node'));
  // Beside the program it says where `profiles` are, and programs ask it for their version.
  writeFileSync(join(outDir, 'package.json'), '{ "name": "sextant", "version": "0.0.0", "type": "module" }\n');
  const paths = Object.keys(programs).map((name) => [name, join(outDir, `${name}.js`)]);
  return Object.fromEntries(paths) as Record<Name, string>;
}

/** The agent's program as the MSI lays it out, in one file with the profiles beside it. Gives its path. */
export async function buildAgentForWine(outDir: string): Promise<string> {
  const { sextant } = await buildForWine({ sextant: 'cli/windows-program.ts' }, outDir, { oneFile: true });
  cpSync(join(checkout, 'profiles'), join(outDir, 'profiles'), { recursive: true });
  return sextant;
}
