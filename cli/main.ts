import { Command } from 'commander';
import { version } from '../config/version.ts';
import { registerAgent } from './agent.ts';
import { registerAlerts } from './alerts.ts';
import { registerAudit } from './audit.ts';
import { registerBundle } from './bundle.ts';
import { registerCollector } from './collector.ts';
import { reportFailure } from './exit.ts';
import { registerLogs } from './logs.ts';
import { registerMetrics } from './metrics.ts';
import { registerNodes } from './nodes.ts';
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

Exit codes: 0 done, 1 failed, 2 wrong call or configuration, 3 partly done.`;

/** Every command, each of which loads its own code only when it runs, so that an agent never loads the collector's. */
function createProgram(): Command {
  const program = new Command('sextant')
    .description('Observability and evidence for clusters that have no way out')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
    .option('--debug', 'print details of unexpected failures')
    .addHelpText('after', examples)
    .showHelpAfterError('(see `sextant help`)')
    .exitOverride();
  registerUp(program);
  registerCollector(program);
  registerAgent(program);
  registerToken(program);
  registerNodes(program);
  registerLogs(program);
  registerMetrics(program);
  registerAlerts(program);
  registerBundle(program);
  registerSql(program);
  registerAudit(program);
  return program;
}

// A reader that has seen enough (`sextant logs | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

const program = createProgram();
try {
  await program.parseAsync();
} catch (error) {
  const debug = Boolean(program.opts().debug) || process.argv.includes('--debug');
  process.exitCode = reportFailure(error, { debug, write: (text) => process.stderr.write(text) });
}
// Idle connections would hold the process; what it printed must be out first.
process.stdout.write('', () => process.exit());
