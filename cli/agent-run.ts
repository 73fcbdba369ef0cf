import type { Command } from 'commander';
import { type AgentOptions, loadAgentSettings, withAgentOptions } from './agent-settings.ts';
import { supervisedOption } from './options.ts';

/** `sextant agent run`, the one command that the agent's bundle has too. */
export function registerAgentRun(agent: Command): void {
  withAgentOptions(agent.command('run').description('run the agent until it is stopped'))
    .addOption(supervisedOption())
    .addHelpText('after', '\nExamples:\n  sextant agent run\n  sextant agent run --follow "/opt/app/logs/*.log"')
    .action(run);
}

async function run(options: AgentOptions & { supervised: boolean }): Promise<void> {
  const { createLog } = await import('../logging/log.ts');
  const { runService } = await import('./service.ts');
  const { beginReading } = await import('../agent/profile/node-profile.ts');
  const settings = await loadAgentSettings(options);
  const log = createLog('agent', settings['log.level']);
  await runService(
    async () => {
      const reading = beginReading(options.dataDir, settings);
      // Said by startAgent, which may have something else to say before.
      reading.catch(() => undefined);
      const { startAgent } = await import('../agent/main.ts');
      const { applyProcessLimits: limitProcess } = await import('../agent/limits/process-limits.ts');
      const agent = await startAgent({ dataDir: options.dataDir, settings, limitProcess, reading, log });
      return { ready: {}, status: 'Collecting', close: () => agent.close() };
    },
    { supervised: options.supervised },
  );
}
