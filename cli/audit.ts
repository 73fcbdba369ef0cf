import type { Command } from 'commander';
import type { AuditEntry } from '../collector/state/audit.ts';
import { type CollectorOptions, integerOption, jsonOption, sinceOption, withCollectorOptions } from './api-options.ts';

interface AuditOptions extends CollectorOptions {
  since: string;
  limit: number;
  json?: boolean;
}

const examples = `
Examples:
  sextant audit --since 7d
  sextant audit --since 30d --json | jq -r 'select(.event == "token.created") | .who'`;

export function registerAudit(program: Command): void {
  const command = program
    .command('audit')
    .description('who did what that matters to security')
    .addOption(sinceOption('1d'))
    .addOption(integerOption('--limit <number>', 'at most so many, the newest', { min: 1, max: 10_000 }).default(1000))
    .addOption(jsonOption('one object a line: {at, event, who, details}'))
    .addHelpText('after', examples);
  withCollectorOptions(command).action(async ({ since, limit, json, ...address }: AuditOptions) => {
    const [{ createApiClient }, { noteLimit, print }] = await Promise.all([
      import('./api-client.ts'),
      import('./output.ts'),
    ]);
    const client = createApiClient(address);
    const entries = await client.get<AuditEntry[]>('audit', { since, limit }).finally(() => client.close());
    // As with logs and metrics, the newest comes last, where a person looks first.
    entries.reverse();
    if (json) await print(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    else await print(entries.length === 0 ? 'Nothing was recorded in this range.\n' : await table(entries));
    noteLimit(entries.length, limit);
  });
}

async function table(entries: AuditEntry[]): Promise<string> {
  const [{ formatTable }, { formatTime }] = await Promise.all([import('./table.ts'), import('./ago.ts')]);
  return formatTable<AuditEntry>(
    entries,
    [
      { title: 'AT', text: (entry) => formatTime(entry.at) },
      { title: 'EVENT', text: (entry) => entry.event },
      { title: 'WHO', text: (entry) => entry.who },
      {
        title: 'DETAILS',
        text: (entry) =>
          Object.entries(entry.details)
            .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
            .join(' '),
      },
    ],
    false,
  );
}
