import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { defaultProfile, type RedactionProfile, redactionProfiles } from '../bundle/redaction/profile.ts';
import { type CollectorOptions, integerOption, jsonOption, withCollectorOptions } from './api-options.ts';
import { dataDirOption } from './options.ts';

export interface RedactionTestOptions {
  dataDir: string;
  profile: RedactionProfile;
  name: string[];
  lines: number;
  json?: boolean;
}

const testExamples = `
Examples:
  sextant redaction test /var/log/auth.log
  sextant redaction test app.log --profile strict --json
  sextant redaction test app.log --name host:db7 --name user:CORP\\\\jdoe

Shows what redaction would do to this file and writes nothing. Needs no collector. Where its data folder can be read its
key is used, elsewhere a key for this run alone. A bundle looks for the site's names too: give them with --name, as the
collector is not asked for them.`;

const revealExamples = `
Examples:
  sextant redaction reveal host-k3v9x2m4
  sextant redaction reveal 10.266.300.412
  sextant redaction reveal S-1-5-21-0q8k2m5v7x9a1c3e4g6h-1104

Answers only at the site that made the bundle. Each question is written into the audit, with who asked.`;

export function registerRedaction(program: Command): void {
  const redaction = program
    .command('redaction')
    .description('what is taken out of bundles, and what pseudonyms stand for');
  redaction
    .command('test')
    .description('show what redaction would do to a file')
    .argument('<file>', 'a text file', (text: string) => resolve(text))
    .addOption(
      new Option('--profile <profile>', 'what is taken out').choices([...redactionProfiles]).default(defaultProfile),
    )
    .addOption(
      new Option('--name <kind:name>', 'a name of the site, host:, user: or domain: (may be repeated)')
        .default([], "this machine's name alone")
        .argParser((text: string, before: string[]) => [...before, text]),
    )
    .addOption(
      integerOption('--lines <number>', 'how many changed lines to show', { min: 0, max: 1_000_000 }).default(40),
    )
    .addOption(dataDirOption())
    .addOption(jsonOption('one object: {file, profile, encoding, lines, changed, rules}'))
    .addHelpText('after', testExamples)
    .action(async (file: string, options: RedactionTestOptions) => {
      const { testRedaction } = await import('./redaction-test.ts');
      await testRedaction(file, options);
    });
  const reveal = redaction
    .command('reveal')
    .description('say what a pseudonym stands for')
    .argument('<pseudonym>', 'as it stands in the bundle')
    .addOption(jsonOption('one object: {pseudonym, kind, original}'))
    .addHelpText('after', revealExamples);
  withCollectorOptions(reveal).action(async (pseudonym: string, options: CollectorOptions & { json?: boolean }) => {
    const [{ createApiClient }, { print }, { printable }] = await Promise.all([
      import('./api-client.ts'),
      import('./output.ts'),
      import('./printable.ts'),
    ]);
    const client = createApiClient(options);
    const answer = await client
      .send<{ pseudonym: string; kind: string; original: string }>('POST', 'redaction/reveal', { pseudonym })
      .finally(() => client.close());
    await print(options.json ? `${JSON.stringify(answer)}\n` : `${printable(answer.original)}\n`);
  });
}
