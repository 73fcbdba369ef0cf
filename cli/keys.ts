import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { jsonOption } from './api-options.ts';

export interface KeysCreateOptions {
  out: string;
  name: string;
  passphraseFile?: string;
  json?: boolean;
}

const examples = `
Examples:
  sextant keys create --name recovery --out /media/safe
  sextant keys create --name vendor --passphrase-file pass.txt

Writes NAME.agekey (opens bundles; keep it secret), NAME.agepub (for collector.bundles.recipients),
NAME.key and NAME.pub (signs and checks bundles, minisign). Existing files are never overwritten.
With a passphrase NAME.agekey is itself encrypted, as \`age -p\` does it; \`age -d -i NAME.agekey\` asks for it.`;

export function registerKeys(program: Command): void {
  program
    .command('keys')
    .description('keys that open and sign bundles')
    .command('create')
    .description('make an age identity with its recipient, and a minisign key pair')
    .addOption(
      new Option('--out <dir>', 'folder to write them to').default('.').argParser((text: string) => resolve(text)),
    )
    .addOption(new Option('--name <name>', 'what the files are called').default('sextant'))
    .addOption(
      new Option('--passphrase-file <file>', 'protect the age identity with the first line of this file').argParser(
        (text: string) => resolve(text),
      ),
    )
    .addOption(jsonOption('one object: {recipient, publicKey, files}'))
    .addHelpText('after', examples)
    .action(async (options: KeysCreateOptions) => {
      const { createKeys } = await import('./keys-create.ts');
      await createKeys(options);
    });
}
