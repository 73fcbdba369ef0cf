import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { CapClass } from '../bundle/caps.ts';
import { defaultProfile, type RedactionProfile, redactionProfiles } from '../bundle/redaction/profile.ts';
import { jsonOption, sinceOption, untilOption } from './api-options.ts';
import { classOption } from './class-option.ts';
import { configOption, dataDirOption } from './options.ts';

export interface AgentCollectOptions {
  dataDir: string;
  config?: string;
  since: string;
  until?: string;
  role: string[];
  class: CapClass[];
  out: string;
  redact: RedactionProfile;
  dryRun?: boolean;
  json?: boolean;
}

export function registerAgentCollect(agent: Command): void {
  agent
    .command('collect')
    .description('write a bundle of this node alone: no collector, no network, no database, agent running or not')
    .addOption(sinceOption('4h'))
    .addOption(untilOption())
    .addOption(
      new Option('--role <role>', 'this role only (may be repeated); none: what is stored alone')
        .default([] as string[], 'all')
        .argParser((text: string, before: string[]) => [...before, text]),
    )
    .addOption(classOption())
    .addOption(
      new Option('--out <dir>', 'folder to write it to').default('.').argParser((text: string) => resolve(text)),
    )
    .addOption(
      new Option('--redact <profile>', 'what is taken out of it: docs/redaction.md')
        .choices([...redactionProfiles])
        .default(defaultProfile),
    )
    .option('--dry-run', 'only say what it would hold, source by source; nothing is written')
    .addOption(dataDirOption())
    .addOption(configOption())
    .addOption(jsonOption('one object at the end: {id, path, state, bytes, coverage}; of --dry-run the estimate'))
    .addHelpText(
      'after',
      `
Examples:
  sextant agent collect --since 4h --out /media/usb
  sextant agent collect --since 24h --dry-run
  sextant agent collect --since 2d --role logs --role storage --json
  sextant agent collect --since 7d --class logs --class metrics
It has what the profile's roles say, what the spool and the ring of this node have kept, and the inventory, sealed with the
node's own key (agent/collect/keys in the data folder). docs/fallback.md says how it starts by itself.
Ends with 0 when everything is in it, 3 when something is missing (the bundle says what and why), 1 when there is none.`,
    )
    .action(async (options: AgentCollectOptions) => {
      if (options.dryRun) {
        const { estimateFromNode } = await import('./agent-collect-estimate.ts');
        return estimateFromNode(options);
      }
      const { collectFromNode } = await import('./agent-collect-run.ts');
      await collectFromNode(options);
    });
}
