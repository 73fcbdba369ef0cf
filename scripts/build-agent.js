import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { bundleFolder, stampOf } from './agent-program.js';
import { bundleProgram } from './bundle-program.js';
import { checkout } from './runtime.js';

// Beside the program of the agent those that it starts: for its inventory and to read its profile.
const programs = {
  agent: 'cli/agent-program.ts',
  ask: 'agent/inventory/ask.ts',
  'read-profile': 'agent/profile/read-profile.ts',
};

const fresh = `${bundleFolder}.${process.pid}`;
const sources = [
  'package-lock.json',
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
  await bundleProgram(programs, { outDir: fresh, plugins: [collectSources] });
  const stamp = stampOf(sources, checkout);
  writeFileSync(join(fresh, stamp.name), stamp.text);
  rmSync(bundleFolder, { recursive: true, force: true });
  mkdirSync(join(bundleFolder, '..'), { recursive: true });
  renameSync(fresh, bundleFolder);
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
