import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Removes all that the agent has written: identity, spool, bookmarks, logs, its configuration. Only by their names: a
 * data folder that was set to the root of a drive must not take the drive along. The agent must not run.
 */
export function purgeData(dataDir: string): void {
  rmSync(join(dataDir, 'agent'), { recursive: true, force: true, maxRetries: 5 });
  for (const name of ['sextant.yaml', 'profile.yaml']) rmSync(join(dataDir, name), { force: true });
  try {
    if (readdirSync(dataDir).length === 0) rmdirSync(dataDir);
  } catch {
    // It was not there, or something else is in it by now.
  }
}
