import type { Command } from 'commander';
import { registerAgent } from './agent.ts';
import { registerAlerts } from './alerts.ts';
import { registerAudit } from './audit.ts';
import { registerBundle } from './bundle.ts';
import { registerCollector } from './collector.ts';
import { registerDrives } from './drives.ts';
import { registerKeys } from './keys.ts';
import { registerLogs } from './logs.ts';
import { registerMetrics } from './metrics.ts';
import { registerNodes } from './nodes.ts';
import { registerProfiles } from './profiles.ts';
import { emptyProgram } from './program.ts';
import { registerRedaction } from './redaction.ts';
import { registerSql } from './sql.ts';
import { registerToken } from './token.ts';
import { registerUp } from './up.ts';

const examples = `
Examples:
  sextant up                                   collector and agent of this machine, ready in seconds
  sextant logs --since 15m --grep refused      what was logged
  sextant metrics system.cpu.utilization --since 1h
  sextant nodes --json                         who reports, and how fresh
  sextant alerts                               what is wrong now
  sextant bundle create --since 15m --out .    evidence to carry away
  sextant bundle verify PATH                   check it again, anywhere
  sextant bundle open PATH                     the dashboard over it, on a laptop without a collector
  sextant bundle export PATH --to /media/usb   onto a stick, read back past the cache

Exit codes: 0 done, 1 failed, 2 wrong call or configuration, 3 partly done.`;

/** Every command, each of which loads its own code only when it runs, so that an agent never loads the collector's. */
export function sextantProgram(): Command {
  const program = emptyProgram()
    .description('Observability and evidence for clusters that have no way out')
    .addHelpText('after', examples);
  registerUp(program);
  registerCollector(program);
  registerAgent(program);
  registerToken(program);
  registerNodes(program);
  registerProfiles(program);
  registerLogs(program);
  registerMetrics(program);
  registerAlerts(program);
  registerBundle(program);
  registerDrives(program);
  registerRedaction(program);
  registerKeys(program);
  registerSql(program);
  registerAudit(program);
  return program;
}
