import type { Command } from 'commander';
import { registerAgentCollect } from './agent-collect.ts';
import { registerAgentExplain } from './agent-explain.ts';
import { registerAgentReveal } from './agent-reveal.ts';
import { registerAgentRun } from './agent-run.ts';
import { registerAgentService } from './agent-service.ts';
import { jsonOption } from './api-options.ts';
import { dataDirOption } from './options.ts';

interface EnrollOptions {
  dataDir: string;
  collector: string;
  token?: string;
  tokenFile?: string;
  node?: string;
  force?: boolean;
}

const enrollExamples = `
Examples:
  sextant agent enroll --collector https://collector:8443 --token-file token.txt
  sextant agent enroll --collector https://collector:8443 --token-file - --node web-1
  sextant agent enroll --collector https://collector:8443 --token-file - --force   its certificate has expired

Either --token or --token-file must be there. The token is used up when the node is enrolled, and not before.`;

export function registerAgent(program: Command): void {
  const agent = program.command('agent').description('the agent alone: what runs on every node');
  agent
    .command('enroll')
    .description('give this node an identity, with a token from `sextant token create`')
    .requiredOption('--collector <url>', 'address of the collector, https://host:8443')
    .option('--token <token>', 'the token; other users of this machine can read it off')
    .option('--token-file <file>', 'file that holds the token; - for standard input')
    .option('--node <name>', 'name of this node; when absent the one that it has (with --force), or the host name')
    .option('--force', 'replace the identity that this node has')
    .addOption(dataDirOption())
    .addHelpText('after', enrollExamples)
    .action(enroll);
  registerAgentRun(agent);
  registerAgentExplain(agent);
  registerAgentCollect(agent);
  registerAgentReveal(agent);
  if (process.platform === 'win32') registerAgentService(agent);
  agent
    .command('inventory')
    .description('print what this machine is made of, one JSON object a line')
    .addHelpText('after', '\nExamples:\n  sextant agent inventory | jq -c .')
    .action(async () => {
      await import('../agent/inventory/ask.ts');
    });
  agent
    .command('read-profile', { hidden: true })
    .argument('<json>')
    .action(async () => {
      await import('../agent/profile/read-profile.ts');
    });
  agent
    .command('status')
    .description(
      'show how the agent of this node is, without any collector; exit code 1 when it does not run or its profile is faulty',
    )
    .addOption(dataDirOption())
    .addOption(jsonOption('one object'))
    .addHelpText('after', '\nExamples:\n  sextant agent status\n  sextant agent status --json | jq .agent.spool')
    .action(async (options: { dataDir: string; json?: boolean }) => {
      const { printAgentStatus } = await import('./agent-status.ts');
      process.exitCode = await printAgentStatus(options.dataDir, { json: Boolean(options.json) });
    });
}

async function enroll(options: EnrollOptions, command: Command): Promise<void> {
  const { readFileSync } = await import('node:fs');
  const { enroll: enrollNode } = await import('../agent/identity/enroll.ts');
  const { agentStartCommand } = await import('../config/environment.ts');
  const { loadIdentity } = await import('../agent/identity/identity.ts');
  const { readNamedFile } = await import('./named-path.ts');
  if ((options.token === undefined) === (options.tokenFile === undefined)) {
    command.error('error: name the token with --token or with --token-file');
  }
  const named = options.tokenFile ?? '-';
  const token = options.token ?? (named === '-' ? readFileSync(0, 'utf8') : readNamedFile(named, '--token-file'));
  await enrollNode({
    dataDir: options.dataDir,
    collectorUrl: options.collector,
    token,
    node: options.node ?? '',
    force: Boolean(options.force),
  });
  const { node } = loadIdentity(options.dataDir);
  const start = options.force ? 'An agent that runs goes on as it was until it is started again' : 'Start it with';
  process.stdout.write(`Enrolled as ${node} at ${options.collector}.\n${start}: ${agentStartCommand()}\n`);
}
