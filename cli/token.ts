import { type Command, Option } from 'commander';
import { type CollectorOptions, jsonOption, withCollectorOptions } from './api-options.ts';

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

const createExamples = `
Examples:
  sextant token create                            for one more node
  sextant token create --signin                   a link to the dashboard
  sextant token create --api --role viewer --name grafana --ttl 30d
  sextant token create --ingest --name billing

One for a node carries the fingerprint of the site’s authority in front, so that the node knows whom it talks to.`;

export function registerToken(program: Command): void {
  const token = program.command('token').description('tokens: to enrol a node, to sign in, for the API');
  const create = token
    .command('create')
    .description('make a token; it is shown once and never again')
    .addOption(new Option('--enroll', 'for one node to enrol with, once (the default)').conflicts(others('enroll')))
    .addOption(new Option('--signin', 'a one-time link to the dashboard').conflicts(others('signin')))
    .addOption(new Option('--api', 'for programs that use the API').conflicts(others('api')))
    .addOption(new Option('--ingest', 'for a program that sends OTLP; needs --name').conflicts(others('ingest')))
    .option('--ttl <duration>', 'how long it may be used; when absent 1h, --signin 15m, --api 90d, --ingest 365d')
    .option('--name <name>', 'whom it is for, as the audit shows it; node or administrator when absent')
    .addOption(
      new Option('--role <role>', 'what its holder may do; administrator when absent').choices([
        'viewer',
        'administrator',
      ]),
    )
    .addOption(jsonOption('one object: {kind, token, expiresAt}, and {link} of --signin'))
    .addHelpText('after', createExamples);
  withCollectorOptions(create).action(async (options: TokenOptions) => {
    const { createToken } = await import('./token-create.ts');
    await createToken(options);
  });
  withCollectorOptions(
    token
      .command('list')
      .description('tokens that can still be used')
      .addOption(jsonOption('one array'))
      .addHelpText('after', '\nExamples:\n  sextant token list'),
  ).action(async (options: TokenOptions) => {
    const { listTokens } = await import('./token-list.ts');
    await listTokens(options);
  });
  withCollectorOptions(
    token
      .command('revoke')
      .description('end tokens at once, by id, or by name those of a program')
      .argument('<id-or-name>', 'as `sextant token list` shows it')
      .addHelpText('after', '\nExamples:\n  sextant token revoke billing\n  sextant token revoke 0123456789abcdef'),
  ).action(async (idOrName: string, options: TokenOptions) => {
    const { revokeTokens } = await import('./token-list.ts');
    await revokeTokens(idOrName, options);
  });
}

const kinds = ['enroll', 'signin', 'api', 'ingest'];
const others = (kind: string): string[] => kinds.filter((other) => other !== kind);
