import { spawnSync } from 'node:child_process';
import { collectorProgram } from '../../scripts/collector-program.js';

/** Node's flags of the collector, which the agent has too. */
export const { nodeFlags } = collectorProgram();

/** Starts this bench again with these flags, unless it has them, and ends with it. */
export function demandCollectorFlags(): void {
  if (nodeFlags.every((flag) => process.execArgv.includes(flag))) return;
  const args = [...process.execArgv, ...nodeFlags, ...process.argv.slice(1)];
  process.exit(spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1);
}
