import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { bundleProgram } from '../../scripts/bundle-program.js';

const checkedYaml = fileURLToPath(new URL('../../config/checked-yaml.ts', import.meta.url));
const analyzers = fileURLToPath(new URL('../../profiles/analyzers', import.meta.url));

/** The shipped analyzers as they come out of their YAML: to parse and check it takes half a second of each process. */
function parsedAnalyzers(): string {
  const files = readdirSync(analyzers).map((name) => join(analyzers, name));
  const parsed = Object.fromEntries(files.map((file) => [file, parse(readFileSync(file, 'utf8'))]));
  return `const parsed = ${JSON.stringify(parsed)};\nexport const readCheckedYaml = (schema, text, { file }) => parsed[file];\n`;
}

/**
 * Bundles a test's process (its file, relative to the checkout) into one file of `outDir`, and returns that. It starts at a
 * fifth of what the sources cost, and finds its SQL and its migrations where the sources have them.
 */
export async function bundleInPlace(entry: string, outDir: string): Promise<string> {
  const name = basename(entry, '.ts');
  const inPlace = {
    name: 'sextant:in-place',
    load: (id: string) => (id === checkedYaml ? parsedAnalyzers() : undefined),
    transform: (code: string, id: string) =>
      code
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(id)))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)),
  };
  await bundleProgram({ [name]: entry }, { outDir, oneFile: true, plugins: [inPlace] });
  writeFileSync(join(outDir, 'package.json'), '{ "type": "module" }\n');
  return join(outDir, `${name}.js`);
}
