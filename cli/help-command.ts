import { Command } from 'commander';

/**
 * Gives every group of commands a `help [command...]` that says when there is no such command, and which one is near.
 * Commander's own prints the whole help instead, without a word why.
 */
export function addHelpCommands(group: Command): void {
  if (group.commands.length === 0) return;
  for (const command of group.commands) addHelpCommands(command);
  group
    .command('help')
    .description('print help of a command')
    .argument('[command...]', 'all of them when absent')
    .helpOption(false)
    .action((path: string[]) => {
      let found = group;
      for (const name of path) {
        const next = found.commands.find((command) => command.name() === name || command.aliases().includes(name));
        if (!next) return refuse(found, name);
        found = next;
      }
      found.help();
    });
}

/** Ends as a call of that command would, with commander's own words; but `group` may do something when it is called. */
function refuse(group: Command, unknown: string): void {
  if (group.commands.length === 0) group.error(`error: unknown command '${unknown}': '${group.name()}' has none`);
  const names = new Command(group.name()).copyInheritedSettings(group);
  for (const command of group.createHelp().visibleCommands(group)) names.command(command.name());
  names.parse(['--', unknown], { from: 'user' });
}
