import { type Command, Option } from 'commander';
import { jsonOption } from './api-options.ts';

interface DrivesOptions {
  all: boolean;
  json?: boolean;
}

const examples = `
Examples:
  sextant drives                      where a bundle could be carried away
  sextant drives --json | jq -r '.[] | select(.readOnlyBecause == null) | .path'

A drive counts as removable by its bus and its removal policy: USB disks that call themselves fixed are listed too.
--all lists every mounted filesystem, with the reason why it does not count.`;

export function registerDrives(program: Command): void {
  program
    .command('drives')
    .description('removable drives of this machine')
    .addOption(new Option('--all', 'every mounted filesystem, removable or not').default(false))
    .addOption(jsonOption('one array'))
    .addHelpText('after', examples)
    .action(async (options: DrivesOptions) => {
      const { listDrives } = await import('./drives-list.ts');
      await listDrives(options);
    });
}
