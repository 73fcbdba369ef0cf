import { type Command, Option } from 'commander';
import { type CollectorOptions, withCollectorOptions } from './api-options.ts';

export interface TokenOptions extends CollectorOptions {
  enroll?: boolean;
  signin?: boolean;
  api?: boolean;
  ingest?: boolean;
  name?: string;
  role?: string;
  ttl?: string;
  json?: boolean;
}

export function registerToken(program: Command): void {
  const token = program.command('token').description('tokens: to enrol a node, to sign in, for the API');
  const create = token
    .command('create')
    .description('make a token; it is shown once and never again')
    .addOption(new Option('--enroll', 'for one node to enrol with, once (the default)').conflicts(others('enroll')))
    .addOption(new Option('--signin', 'a one-time link to the dashboard').conflicts(others('signin')))
    .addOption(new Option('--api', 'for programs that use the API').conflicts(others('api')))
    .addOption(new Option('--ingest', 'for a program that sends OTLP; needs --name').conflicts(others('ingest')))
    .option('--ttl <duration>', 'how long it may be used, for example 15m or 24h')
    .option('--name <name>', 'whom it is for, as the audit shows it')
    .addOption(new Option('--role <role>', 'what its holder may do').choices(['viewer', 'administrator']))
    .option('--json', 'print one JSON object');
  withCollectorOptions(create).action(async (options: TokenOptions) => {
    const { createToken } = await import('./token-create.ts');
    await createToken(options);
  });
  withCollectorOptions(
    token.command('list').description('tokens that can still be used').option('--json', 'print one JSON array'),
  ).action(async (options: TokenOptions) => {
    const { listTokens } = await import('./token-list.ts');
    await listTokens(options);
  });
  withCollectorOptions(
    token
      .command('revoke')
      .description('end tokens at once, by id, or by name those of a program')
      .argument('<id-or-name>', 'as `sextant token list` shows it'),
  ).action(async (idOrName: string, options: TokenOptions) => {
    const { revokeTokens } = await import('./token-list.ts');
    await revokeTokens(idOrName, options);
  });
}

const kinds = ['enroll', 'signin', 'api', 'ingest'];
const others = (kind: string): string[] => kinds.filter((other) => other !== kind);
