import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundleFolder, isCurrent } from '../../scripts/agent-program.js';

const checkout = fileURLToPath(new URL('../../', import.meta.url));

/** Bundles the agent when there is no current bundle; `npm test` has done so already. */
export function buildAgent(): void {
  if (isCurrent(bundleFolder, checkout)) return;
  const built = spawnSync(process.execPath, ['scripts/build-agent.js'], { cwd: checkout, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`the agent could not be bundled:\n${built.stdout}${built.stderr}`);
}
