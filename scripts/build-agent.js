import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { bundleFolder, stampOf } from './agent-program.js';
import { bundleProgram, programsOfAgent } from './bundle-program.js';
import { checkout } from './runtime.js';

const fresh = `${bundleFolder}.${process.pid}`;
const sources = [
  'package-lock.json',
  'scripts/bare-http.js',
  'scripts/build-agent.js',
  'scripts/bundle-program.js',
  'scripts/narrow-source.js',
];

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
  await bundleProgram(
    { agent: 'cli/agent-program.ts', ...programsOfAgent },
    { outDir: fresh, plugins: [collectSources] },
  );
  const stamp = stampOf(sources, checkout);
  writeFileSync(join(fresh, stamp.name), stamp.text);
  rmSync(bundleFolder, { recursive: true, force: true });
  mkdirSync(join(bundleFolder, '..'), { recursive: true });
  renameSync(fresh, bundleFolder);
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
