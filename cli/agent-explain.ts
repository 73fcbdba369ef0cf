import { homedir } from 'node:os';
import { relative } from 'node:path';
import { type Command, Option } from 'commander';
import { jsonOption } from './api-options.ts';
import { configOption, dataDirOption } from './options.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';

interface ExplainOptions {
  dataDir: string;
  config?: string;
  profile: string[];
  json?: boolean;
}

export function registerAgentExplain(agent: Command): void {
  agent
    .command('explain')
    .description('show what this node collects, each value with the file and line that it comes from')
    .argument('[section...]', 'only these sections, such as files or bundle')
    .addOption(dataDirOption())
    .addOption(configOption())
    .addOption(
      new Option('--profile <name>', 'as if agent.profile named this (may be repeated)')
        .default([] as string[], 'those of the configuration')
        .argParser((name: string, before: string[]) => [...before, name]),
    )
    .addOption(jsonOption('one object: {profile, layers, pushed, values}'))
    .addHelpText(
      'after',
      `
Examples:
  sextant agent explain                          all of it, as YAML
  sextant agent explain files metrics            two sections
  sextant agent explain --profile linux --profile ./site.yaml
                                                 what would come of a profile before it is used`,
    )
    .action(explain);
}

async function explain(sections: string[], options: ExplainOptions, command: Command): Promise<void> {
  const { root } = await import('../config/root.ts');
  const { loadSettings } = await import('../config/load.ts');
  const { loadOwnProfile } = await import('./own-profile.ts');
  const { explainText, explainValues } = await import('../agent/profile/explain.ts');
  const settings = loadSettings({
    dataDir: options.dataDir,
    ...(options.config !== undefined && { configFile: options.config }),
  });
  const names = options.profile.length > 0 ? options.profile : undefined;
  const { profile, placed, layers, pushed } = loadOwnProfile(options.dataDir, settings, names);
  if (placed.kind !== 'map') throw new Error('BUG: a profile is a map');
  const unknown = sections.filter((name) => !placed.entries.has(name));
  if (unknown.length > 0) {
    command.error(
      `error: there is no section ${unknown.join(', ')}; there are ${[...placed.entries.keys()].join(', ')}`,
    );
  }
  const entries = [...placed.entries].filter(([name]) => sections.length === 0 || sections.includes(name));
  const shown = { ...placed, entries: new Map(entries) };
  if (options.json) {
    const values = explainValues(shown);
    await print(`${JSON.stringify({ profile: profile.name, layers, pushed, values })}\n`);
    return;
  }
  const shorten = (file: string): string => {
    if (file.startsWith('pushed ')) return file;
    const short = relative(root, file);
    if (!short.startsWith('..')) return short;
    const home = relative(homedir(), file);
    return home.startsWith('..') ? file : `~/${home}`;
  };
  const head = layers.map((layer, index) => `# ${index + 1}. ${shorten(layer.file)}: ${layer.description}\n`).join('');
  const left = pushed
    .filter(({ state }) => state !== 'applied')
    .map(
      ({ name, version, state, reason }) =>
        `# not: pushed ${name} v${version}: ${state}${reason ? `: ${reason.replaceAll('\n', ' ')}` : ''}\n`,
    )
    .join('');
  await print(
    `# Profile ${profile.name}, later layers over earlier ones:\n${head}${printableLines(left)}${explainText(shown, shorten)}\n`,
  );
}

const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');
