import type { Command } from 'commander';
import { Option } from 'commander';
import type { Settings } from '../config/settings.ts';
import { configOption, dataDirOption, followOption } from './options.ts';

export interface AgentOptions {
  dataDir: string;
  config?: string;
  follow: string[];
  collector?: string;
}

/** The options that say how an agent runs, in a window or as a service. */
export const withAgentOptions = (command: Command): Command =>
  command
    .addOption(dataDirOption())
    .addOption(configOption())
    .addOption(followOption())
    .addOption(new Option('--collector <url>', 'address of the collector, when it has moved since enrolment'));

/** What the configuration and these options say together. Throws SX_CONFIG_INVALID. */
export async function loadAgentSettings(options: AgentOptions): Promise<Settings> {
  const { loadSettings } = await import('../config/load.ts');
  const file = options.config === undefined ? {} : { configFile: options.config };
  const configured = loadSettings({ dataDir: options.dataDir, ...file });
  return loadSettings({
    dataDir: options.dataDir,
    ...file,
    overrides: {
      'agent.files.follow': [...configured['agent.files.follow'], ...options.follow],
      ...(options.collector === undefined ? {} : { 'agent.collector': options.collector }),
    },
  });
}
