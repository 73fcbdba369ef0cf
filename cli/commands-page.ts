import type { Command } from 'commander';
import { defaultDataDir } from '../config/environment.ts';
import { registerAgentService } from './agent-service.ts';
import { sextantProgram } from './sextant-program.ts';

/** docs/commands.md: the help of every command, the same on every machine; `npm run docs` writes it. */
export function commandsPage(): string {
  const program = wholeProgram();
  const sections = visibleBelow(program)
    .filter(({ commands }) => commands.length === 0)
    .map((command) => `## sextant ${pathOf(command)}\n\n\`\`\`\n${helpOf(command).trimEnd()}\n\`\`\`\n`);
  return `# Commands

Generated from \`cli/\` by \`npm run docs\`; do not edit. The same is printed by \`sextant help COMMAND\`.

The data folder is \`SEXTANT_DATA_DIR\` where that is set, else \`%ProgramData%\\Sextant\` on Windows and \`data\` beside the program
elsewhere. The Debian package's \`sextant-agent COMMAND\` is \`sextant agent COMMAND\` with the data folder of its service.
\`--debug\` before any command prints details of unexpected failures. \`agent service\` is there on Windows only.

${sections.join('\n')}`;
}

/** With the commands of Windows, wherever this runs. */
export function wholeProgram(): Command {
  const program = sextantProgram();
  const agent = program.commands.find((command) => command.name() === 'agent');
  if (agent && !agent.commands.some((command) => command.name() === 'service')) registerAgentService(agent);
  return program;
}

/** Every command below one, each behind its group. */
export const visibleBelow = (group: Command): Command[] =>
  group
    .createHelp()
    .visibleCommands(group)
    .filter((command) => command.name() !== 'help')
    .flatMap((command) => [command, ...visibleBelow(command)]);

/** `bundle create`. */
export const pathOf = (command: Command): string =>
  command.parent === null ? '' : `${pathOf(command.parent)} ${command.name()}`.trimStart();

/** What `--help` prints, on a terminal of 120 characters. */
export function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => 120,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.replaceAll(JSON.stringify(defaultDataDir()), 'see above');
}
