import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const checkout = fileURLToPath(new URL('../../', import.meta.url));

/** Builds the dashboard when there is none; `npm test` has built it already. */
export function buildDashboard(): void {
  if (existsSync(`${checkout}dashboards/web/dist/index.html`)) return;
  const vite = `${checkout}node_modules/vite/bin/vite.js`;
  const built = spawnSync(process.execPath, [vite, 'build', '--config', 'dashboards/web/vite.config.ts'], {
    cwd: checkout,
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`the dashboard could not be built:\n${built.stdout}${built.stderr}`);
}
