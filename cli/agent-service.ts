import type { Command } from 'commander';
import { type AgentOptions, loadAgentSettings, withAgentOptions } from './agent-settings.ts';
import { jsonOption } from './api-options.ts';
import { dataDirOption } from './options.ts';

const timeoutMs = 60_000;

/** `sextant agent service`, on Windows: what the service manager, the installer and an administrator call. */
export function registerAgentService(agent: Command): void {
  const service = agent.command('service').description('the agent as a Windows service');
  service
    .command('status')
    .description('show whether the service runs; exit code 1 when it does not')
    .addOption(jsonOption('one object: {state, processId, exitCode}'))
    .addHelpText('after', '\nExamples:\n  sextant agent service status')
    .action(status);
  service
    .command('start')
    .description('start the service and wait until it collects')
    .addHelpText('after', '\nExamples:\n  sextant agent service start')
    .action(async () => {
      const { startService } = await import('../agent/service/control.ts');
      await startService(timeoutMs);
    });
  service
    .command('stop')
    .description('stop the service and wait until its process has ended')
    .option('--if-installed', 'a service that is not there is as good as stopped')
    .addHelpText('after', '\nExamples:\n  sextant agent service stop')
    .action(stop);
  service
    .command('setup')
    .description('close the data folder to users, enrol this node if it is not, set up restart and privileges')
    .option('--collector <url>', 'address of the collector, https://host:8443')
    .option('--token <token>', 'token from `sextant token create`')
    .option('--token-file <file>', 'file that holds the token, where no one can read it off')
    .option('--start', 'start the service when the node is enrolled')
    .addOption(dataDirOption())
    .addHelpText(
      'after',
      '\nExamples:\n  sextant agent service setup --collector https://collector:8443 --token-file token.txt --start',
    )
    .action(setup);
  service
    .command('purge')
    .description('remove all data of the agent: identity, spool, bookmarks, logs')
    .addOption(dataDirOption())
    .addHelpText('after', '\nExamples:\n  sextant agent service purge')
    .action(async (options: { dataDir: string }) => {
      const { purgeData } = await import('../agent/service/purge.ts');
      purgeData(options.dataDir);
    });
  withAgentOptions(service.command('run', { hidden: true }).description('run as the service manager does')).action(run);
}

async function status(options: { json?: boolean }): Promise<void> {
  const { queryService } = await import('../agent/service/control.ts');
  const { state, processId, exitCode } = await queryService();
  if (options.json) process.stdout.write(`${JSON.stringify({ state, processId: processId || null, exitCode })}\n`);
  else process.stdout.write(`${state}${processId > 0 ? ` (process ${processId})` : ''}\n`);
  process.exitCode = state === 'running' ? 0 : 1;
}

async function stop(options: { ifInstalled?: boolean }): Promise<void> {
  const { stopService } = await import('../agent/service/control.ts');
  try {
    await stopService(timeoutMs);
  } catch (error) {
    if (!options.ifInstalled || (error as { code?: string }).code !== 'SX_NOT_FOUND') throw error;
  }
}

async function setup(options: {
  dataDir: string;
  collector?: string;
  token?: string;
  tokenFile?: string;
  start?: boolean;
}): Promise<void> {
  const { notEnrolledText, setUpService } = await import('../agent/service/setup.ts');
  const { startService } = await import('../agent/service/control.ts');
  const { isEnrolled } = await import('../agent/identity/identity.ts');
  const { readNamedFile } = await import('./named-path.ts');
  const { tokenFile, token } = options;
  const refused = await setUpService({
    dataDir: options.dataDir,
    // The installer gives every option, those that were left out as empty.
    ...((tokenFile || token) && {
      enrolment: {
        collectorUrl: options.collector ?? '',
        readToken: () => (tokenFile ? readNamedFile(tokenFile, 'token file') : (token ?? '')),
      },
    }),
  });
  for (const { setting, reason } of refused) process.stderr.write(`sextant: cannot set ${setting}: ${reason}\n`);
  if (!isEnrolled(options.dataDir)) process.stderr.write(`${notEnrolledText}\n`);
  else if (options.start) await startService(timeoutMs);
}

async function run(options: AgentOptions): Promise<void> {
  const { join } = await import('node:path');
  const { openRotatingFile } = await import('../logging/rotating-file.ts');
  const { createLog } = await import('../logging/log.ts');
  const { makeFolder } = await import('../durable/make-folder.ts');
  const { reportEvent } = await import('../agent/service/event-log.ts');
  const { connectToServiceManager } = await import('../agent/service/dispatcher.ts');
  const { service } = await import('../agent/service/definition.ts');
  const { runWindowsService } = await import('../agent/service/windows-service.ts');

  process.on('uncaughtException', (error) => {
    reportEvent('crashed', `The Sextant agent ended unexpectedly: ${error.stack ?? error}`);
    process.exit(1);
  });
  const folder = join(options.dataDir, 'agent', 'log');
  makeFolder(folder);
  const file = openRotatingFile(join(folder, 'agent.log'), { maxBytes: 8 * 1024 * 1024, keep: 3 });
  const log = createLog('agent', 'info', file);
  process.exitCode = await runWindowsService(
    async () => {
      const settings = await loadAgentSettings(options);
      log.level = settings['log.level'];
      const { beginReading } = await import('../agent/profile/node-profile.ts');
      const reading = beginReading(options.dataDir, settings);
      // Said by startAgent, which may have something else to say before.
      reading.catch(() => undefined);
      const { startAgent } = await import('../agent/main.ts');
      const { applyProcessLimits: limitProcess } = await import('../agent/limits/process-limits.ts');
      const agent = await startAgent({ dataDir: options.dataDir, settings, limitProcess, reading, log });
      return { about: `Its data and its log are in ${join(options.dataDir, 'agent')}.`, close: () => agent.close() };
    },
    { connect: (onControl) => connectToServiceManager(service.name, onControl), reportEvent, log },
  );
}
