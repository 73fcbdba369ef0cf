import { type Command, Option } from 'commander';
import { configOption, dataDirOption, followOption, supervisedOption } from './options.ts';

interface RunOptions {
  dataDir: string;
  config?: string;
  follow: string[];
  collector?: string;
  supervised: boolean;
}

/** `sextant agent run`, the one command that the agent's bundle has too. */
export function registerAgentRun(agent: Command): void {
  agent
    .command('run')
    .description('run the agent until it is stopped')
    .addOption(dataDirOption())
    .addOption(configOption())
    .addOption(followOption())
    .addOption(new Option('--collector <url>', 'address of the collector, when it has moved since enrolment'))
    .addOption(supervisedOption())
    .action(run);
}

async function run(options: RunOptions): Promise<void> {
  const { loadSettings } = await import('../config/load.ts');
  const { createLog } = await import('../logging/log.ts');
  const { runService } = await import('./service.ts');
  const configFile = options.config === undefined ? {} : { configFile: options.config };
  const configured = loadSettings({ dataDir: options.dataDir, ...configFile });
  const settings = loadSettings({
    dataDir: options.dataDir,
    ...configFile,
    overrides: {
      'agent.files.follow': [...configured['agent.files.follow'], ...options.follow],
      ...(options.collector === undefined ? {} : { 'agent.collector': options.collector }),
    },
  });
  const log = createLog('agent', settings['log.level']);
  await runService(
    async () => {
      const { startAgent } = await import('../agent/main.ts');
      const agent = await startAgent({ dataDir: options.dataDir, settings, log });
      return { ready: {}, close: () => agent.close() };
    },
    { supervised: options.supervised },
  );
}
