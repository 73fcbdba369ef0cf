import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/** dashboards.md's promise: everything a browser has to run, compressed. */
const scriptBudgetBytes = 120 * 1024;

/**
 * uPlot builds a number format from `navigator.language` while it loads. Under a POSIX locale that is `C`, no BCP 47
 * tag, and the constructor throws before anything is drawn. Numbers are formatted by value/unit.ts anyway.
 */
function uplotLocale(): Plugin {
  return {
    name: 'sextant:uplot-locale',
    transform(code, id) {
      if (!id.includes('uPlot.esm.js')) return undefined;
      const fixed = code.replace("domEnv ? nav.language : 'en-US'", "'en-US'");
      if (fixed === code) throw new Error('BUG: uPlot no longer reads nav.language where vite.config.ts replaces it');
      return { code: fixed, map: null };
    },
  };
}

function scriptBudget(): Plugin {
  return {
    name: 'sextant:script-budget',
    generateBundle(_options, bundle) {
      let bytes = 0;
      for (const output of Object.values(bundle)) if (output.type === 'chunk') bytes += gzipSync(output.code).length;
      const line = `scripts: ${(bytes / 1024).toFixed(1)} KiB gzip of ${scriptBudgetBytes / 1024} KiB`;
      if (bytes > scriptBudgetBytes) throw new Error(`${line}: over budget`);
      this.info(line);
    },
  };
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [uplotLocale(), scriptBudget()],
  // Vite takes NODE_ENV's word for it, and a shell or a test run may say "test": the places of the sources, this folder
  // among them, would be in what is built.
  oxc: { jsx: { development: false } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: ['chrome120', 'firefox121', 'safari17'],
    // The policy allows no data: URL and nothing injected.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
});
