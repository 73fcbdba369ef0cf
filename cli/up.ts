import type { Command } from 'commander';
import { configOption, dataDirOption, followOption, otlpLoopbackOption, portOption } from './options.ts';

export interface UpOptions {
  dataDir: string;
  config?: string;
  port?: number;
  follow: string[];
  otlpLoopback: boolean;
}

export function registerUp(program: Command): void {
  program
    .command('up')
    .description('run a collector and the agent of this machine, and keep them running')
    .addOption(dataDirOption())
    .addOption(portOption())
    .addOption(configOption())
    .addOption(followOption())
    .addOption(otlpLoopbackOption())
    .addHelpText(
      'after',
      '\nExamples:\n  sextant up\n  sextant up --data-dir /srv/sextant --port 9443\n  sextant up --follow "/opt/app/logs/*.log"\n\nPrints a sign-in link when the data of this machine can be queried. Ctrl+C stops it; everything lies in the data folder.',
    )
    .action(async (options: UpOptions) => {
      const { up } = await import('./up/up.ts');
      process.exitCode = await up(options);
    });
}
