import { join } from 'node:path';
import { build } from 'vite';
import { bareHttp } from './bare-http.js';
import { narrowSource } from './narrow-source.js';
import { checkout } from './runtime.js';

/**
 * koffi finds its DLL by the layout of node_modules. A bundled program has none: the DLL (`koffi.node`) lies in the
 * program's own folder, and only code for Windows asks for it.
 */
const koffiBeside = {
  name: 'sextant:koffi-beside',
  enforce: 'pre',
  resolveId: (id) => (id === 'koffi' ? '\0koffi-beside' : undefined),
  load: (id) =>
    id === '\0koffi-beside'
      ? "import { createRequire } from 'node:module';\nexport default createRequire(import.meta.url)('./koffi.node');\n"
      : undefined,
};

const narrowSources = {
  name: 'sextant:narrow-sources',
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) if (chunk.type === 'chunk') chunk.code = narrowSource(chunk.code);
  },
};

/** What the agent starts as processes of their own: for its inventory and to read its profile. It looks for them beside itself. */
export const programsOfAgent = {
  ask: 'agent/inventory/ask.ts',
  'read-profile': 'agent/profile/read-profile.ts',
};

/**
 * Bundles programs with all their packages into `outDir`: nothing is left to find in node_modules. Not minified: code
 * is a small part of what stays in memory (no difference measured), and stack traces stay readable without source maps.
 *
 * @param {Record<string, string>} programs name of each program and its entry file, relative to the checkout
 * @param {{ outDir: string, target?: string, oneFile?: boolean, plugins?: import('vite').Plugin[] }} options `target`
 *   as vite names it; `oneFile` for a single program, where files count more than memory
 */
export async function bundleProgram(programs, { outDir, target = 'node24', oneFile = false, plugins = [] }) {
  await build({
    configFile: false,
    root: checkout,
    logLevel: 'warn',
    publicDir: false,
    plugins: [bareHttp, koffiBeside, narrowSources, ...plugins],
    ssr: { noExternal: true },
    build: {
      ssr: true,
      target,
      minify: false,
      outDir,
      emptyOutDir: false,
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(programs).map(([name, entry]) => [name, join(checkout, entry)])),
        // What is loaded only for enrolment and bundles stays in files of its own: as one file it costs 7 MB more.
        output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js', codeSplitting: !oneFile },
      },
    },
  });
}
