import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricsPage } from '../agent/sources/metrics-page.ts';
import { commandsPage } from '../cli/commands-page.ts';
import { configurationPage } from '../config/page.ts';
import { errorsPage } from '../errors/page.ts';
import { checkout } from './runtime.js';

// Runs on the pinned Node, which npm puts first on the PATH: it reads the pages' TypeScript as it is.
const pages = {
  'commands.md': commandsPage(),
  'configuration.md': configurationPage(),
  'errors.md': errorsPage(),
  'metrics.md': metricsPage(),
};

const folder = join(checkout, 'docs');
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(pages)) {
  writeFileSync(join(folder, name), text);
  console.log(`docs/${name}`);
}
