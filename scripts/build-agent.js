import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'vite';
import { bundleFolder, stampOf } from './agent-program.js';
import { checkout } from './runtime.js';

// Beside the program of the agent the one that it starts for its inventory. Not minified: code is a small part of
// what stays in memory (no difference measured), and stack traces stay readable without source maps.
const programs = { agent: 'cli/agent-program.ts', ask: 'agent/inventory/ask.ts' };

const fresh = `${bundleFolder}.${process.pid}`;
const sources = ['package-lock.json', 'scripts/build-agent.js'];

const collectSources = {
  name: 'sextant:sources',
  generateBundle() {
    for (const id of this.getModuleIds()) {
      // Packages are pinned by the lock file; the rest are Node's own modules.
      if (id.startsWith(checkout) && !id.includes('/node_modules/')) sources.push(relative(checkout, id));
    }
  },
};

try {
  await build({
    configFile: false,
    root: checkout,
    logLevel: 'warn',
    publicDir: false,
    plugins: [collectSources],
    // Nothing is left to find in node_modules.
    ssr: { noExternal: true },
    build: {
      ssr: true,
      target: 'node24',
      minify: false,
      outDir: fresh,
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(programs).map(([name, entry]) => [name, join(checkout, entry)])),
        // What is loaded only for enrolment and bundles stays in files of its own: as one file it costs 7 MB more.
        output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  });
  const stamp = stampOf(sources, checkout);
  writeFileSync(join(fresh, stamp.name), stamp.text);
  rmSync(bundleFolder, { recursive: true, force: true });
  mkdirSync(join(bundleFolder, '..'), { recursive: true });
  renameSync(fresh, bundleFolder);
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
