import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type CollectorOptions, jsonOption, withCollectorOptions } from './api-options.ts';

export interface ProfilesOptions extends CollectorOptions {
  json?: boolean;
}
export interface PushOptions extends ProfilesOptions {
  name?: string;
  node: string[];
  role: string[];
  force?: boolean;
  expires: string;
  on: string[];
  dryRun?: boolean;
}

const pushExamples = `
Examples:
  sextant profiles push quiet.yaml --dry-run             what would change on a node with its platform's profile
  sextant profiles push quiet.yaml --dry-run --on windows --on sql-server
  sextant profiles push quiet.yaml                       to every node
  sextant profiles push debug.yaml --node n1 --node n2 --expires 4h
  sextant profiles push sql.yaml --role sql-server

The file is a profile layer (docs/profiles.md). It lies over the profiles that a node names and under the node's own
profile.yaml. What runs programs, reads further files or logs, or speaks to other machines is refused by nodes that do
not allow it (agent.profiles.allowPushed). Pushing under a name that is there makes a new version of it.`;

const repeated = (text: string, before: string[]): string[] => [...before, text];

export function registerProfiles(program: Command): void {
  const profiles = program
    .command('profiles')
    .description('profile layers that the collector signs and pushes to nodes');
  withCollectorOptions(
    profiles
      .command('push')
      .description('sign a profile layer and push it')
      .argument('<file>', 'YAML', (text: string) => resolve(text))
      .addOption(new Option('--name <name>', 'what it is called; the file’s own name when absent'))
      .addOption(
        new Option('--node <node>', 'for this node only (may be repeated)').default([], 'all').argParser(repeated),
      )
      .addOption(
        new Option('--role <role>', 'for nodes that have this profile, such as sql-server (may be repeated)')
          .default([], 'all')
          .argParser(repeated),
      )
      .addOption(new Option('--force', 'also for a role that no node has, for nodes that are still to come'))
      .addOption(new Option('--expires <duration>', 'nodes do without it after this time').default('365d'))
      .addOption(new Option('--dry-run', 'check it and show its effect; nothing is signed or sent'))
      .addOption(
        new Option('--on <profile>', 'with --dry-run: over this profile (may be repeated)')
          .default([], 'that of this platform')
          .argParser(repeated),
      )
      .addOption(jsonOption('one object: the pushed profile; with --dry-run {name, changes, needs}'))
      .addHelpText('after', pushExamples),
  ).action(async (file: string, options: PushOptions) => {
    const { pushProfile } = await import('./profiles-push.ts');
    await pushProfile(file, options);
  });
  withCollectorOptions(
    profiles
      .command('list')
      .description('what was pushed, and what became of it on which node')
      .addOption(jsonOption('one object: {keyId, profiles, nodes}'))
      .addHelpText(
        'after',
        '\nExamples:\n  sextant profiles list\n  sextant profiles list --json | jq .profiles[].outcomes',
      ),
  ).action(async (options: ProfilesOptions) => {
    const { listProfiles } = await import('./profiles-list.ts');
    await listProfiles(options);
  });
  withCollectorOptions(
    profiles
      .command('show')
      .description('print the text of a pushed profile')
      .argument('<name>', 'as `sextant profiles list` shows it')
      .addOption(jsonOption('one object with the signed document and its signature'))
      .addHelpText(
        'after',
        '\nExamples:\n  sextant profiles show quiet\n  sextant profiles show quiet --json | jq -r .signature',
      ),
  ).action(async (name: string, options: ProfilesOptions) => {
    const { showProfile } = await import('./profiles-list.ts');
    await showProfile(name, options);
  });
  withCollectorOptions(
    profiles
      .command('withdraw')
      .description('take a pushed profile back on all nodes')
      .argument('<name>', 'as `sextant profiles list` shows it')
      .addOption(jsonOption('one object'))
      .addHelpText('after', '\nExamples:\n  sextant profiles withdraw quiet'),
  ).action(async (name: string, options: ProfilesOptions) => {
    const { withdrawProfile } = await import('./profiles-list.ts');
    await withdrawProfile(name, options);
  });
  const key = profiles.command('key').description('the key that signs pushed profiles');
  withCollectorOptions(
    key
      .command('create')
      .description('make the key, if there is none, and print its public half')
      .addOption(jsonOption('one object: {keyId, publicKey, earlier}'))
      .addHelpText(
        'after',
        '\nExamples:\n  sextant profiles key create\n\nThe key is also made by itself when the first node enrols or connects.',
      ),
  ).action(async (options: ProfilesOptions) => {
    const { createProfileKey } = await import('./profiles-key.ts');
    await createProfileKey(options);
  });
  withCollectorOptions(
    key
      .command('rotate')
      .description('make a new key; the present one vouches for it once and is then forgotten')
      .addOption(jsonOption('one object: {keyId, publicKey, earlier}'))
      .addHelpText(
        'after',
        '\nExamples:\n  sextant profiles key rotate\n\nNodes follow when they next connect. If the key fell into wrong hands enrol the nodes again\nas well: who has it can vouch for another one.',
      ),
  ).action(async (options: ProfilesOptions) => {
    const { rotateProfileKey } = await import('./profiles-key.ts');
    await rotateProfileKey(options);
  });
}
