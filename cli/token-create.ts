import { parseValue } from '../config/value.ts';
import { SextantError } from '../errors/sextant-error.ts';
import { createApiClient } from './api-client.ts';
import { print } from './output.ts';
import type { TokenOptions } from './token.ts';

/** Makes a token at the collector and prints it with what it is for. */
export async function createToken(options: TokenOptions): Promise<void> {
  const kind = options.signin ? 'signin' : options.api ? 'api' : options.ingest ? 'ingest' : 'enroll';
  const client = createApiClient(options);
  const body = {
    kind,
    ...(options.ttl === undefined ? {} : { ttlMs: duration(options.ttl) }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.role === undefined ? {} : { role: options.role }),
  };
  const { token, expiresAt } = await client
    .send<{ token: string; expiresAt: string }>('POST', 'tokens', body)
    .finally(() => client.close());
  const link = kind === 'signin' ? { link: `${client.url}/#signin=${token}` } : {};
  if (options.json) await print(`${JSON.stringify({ kind, token, expiresAt, ...link })}\n`);
  else await print(explain[kind](token, expiresAt, client.url));
}

function duration(text: string): number {
  const parsed = parseValue({ kind: 'duration', min: 1000 }, text);
  if ('fault' in parsed)
    throw new SextantError('SX_BAD_REQUEST', `--ttl: ${parsed.fault}`, {
      nextStep: 'write a time such as 30m, 12h or 7d',
    });
  return Number(parsed.value);
}

const explain = {
  enroll: (token: string, expiresAt: string, url: string) => `${token}

For one node, until ${expiresAt}. On that node, with an address of this collector that it can reach:
  sextant agent enroll --collector ${url} --token-file -      (paste the token, then Ctrl+D)
  sextant agent run
Where the agent is a Debian package it is sextant-agent enroll, and then systemctl start sextant-agent.
`,
  signin: (token: string, expiresAt: string, url: string) => `${url}/#signin=${token}

Opens the dashboard once, until ${expiresAt}.
`,
  api: (token: string, expiresAt: string, url: string) => `${token}

For programs, as "Authorization: Bearer TOKEN" at ${url}/api/v1, until ${expiresAt}. It is not shown again.
`,
  ingest: (token: string, expiresAt: string, url: string) => `${token}

For one program that sends OTLP, until ${expiresAt}. It is not shown again. Where that program runs:
  export OTEL_EXPORTER_OTLP_ENDPOINT=${url}      (or the port of collector.otlp)
  export OTEL_EXPORTER_OTLP_CERTIFICATE=ca.crt   (this collector's ${url}/api/v1/ca)
  export OTEL_EXPORTER_OTLP_HEADERS='authorization=Bearer ${token}'
`,
};
