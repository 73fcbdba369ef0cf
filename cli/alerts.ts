import { type Command, Option } from 'commander';
import type { AlertRow } from '../collector/api/shapes/alerts.ts';
import { type CollectorOptions, grepOption, jsonOption, nodeOption, withCollectorOptions } from './api-options.ts';
import { holds } from './holds.ts';

interface AlertsOptions extends CollectorOptions {
  since?: string;
  state?: string;
  node?: string;
  grep?: string;
  json?: boolean;
}

const examples = `
Examples:
  sextant alerts                    what is wrong now
  sextant alerts --since 1d         and what was, and has been resolved since
  sextant alerts --node n1 --grep filesystem
  sextant alerts --state firing --json`;

export function registerAlerts(program: Command): void {
  const command = program
    .command('alerts')
    .description('what is wrong, since when, and what to do')
    .addOption(
      new Option(
        '--since <time>',
        'also what was resolved since: an age (15m, 2h, 3d), RFC 3339, or epoch milliseconds',
      ),
    )
    .addOption(new Option('--state <state>', 'only these').choices(['pending', 'firing', 'resolved']))
    .addOption(nodeOption())
    .addOption(grepOption('alerts whose rule, subject or summary holds this text'))
    .addOption(jsonOption('one array'))
    .addHelpText('after', examples);
  withCollectorOptions(command).action(async (options: AlertsOptions) => {
    const { createApiClient } = await import('./api-client.ts');
    const { print } = await import('./output.ts');
    const client = createApiClient(options);
    const all = await client
      .get<AlertRow[]>('alerts', { since: options.since, state: options.state })
      .finally(() => client.close());
    const { node, grep } = options;
    const rows = all.filter(
      (row) => (node === undefined || row.node === node) && holds([row.rule, row.subject, row.summary], grep),
    );
    await print(options.json ? `${JSON.stringify(rows)}\n` : await table(rows));
  });
}

async function table(rows: AlertRow[]): Promise<string> {
  if (rows.length === 0) return 'No alerts.\n';
  const [{ formatTable }, { severityColors, wantsColor }, { formatTime }, { printable }] = await Promise.all([
    import('./table.ts'),
    import('./color.ts'),
    import('./ago.ts'),
    import('./printable.ts'),
  ]);
  const number = (value: number, unit: string) =>
    unit === 'days left' && value < 0 ? 'expired' : `${Math.round(value * 10) / 10} ${unit}`;
  const list = formatTable<AlertRow>(
    rows,
    [
      { title: 'STATE', text: (row) => row.state },
      { title: 'SEVERITY', text: (row) => row.severity, color: (row) => severityColors[row.severity] },
      { title: 'SINCE', text: (row) => formatTime(row.since) },
      { title: 'VALUE', align: 'right', text: (row) => number(row.value, row.unit) },
      { title: 'LIMIT', align: 'right', text: (row) => number(row.limit, row.unit) },
      { title: 'WHAT', text: (row) => row.summary },
    ],
    wantsColor(process.stdout),
  );
  const firing = new Map(rows.filter((row) => row.state === 'firing').map((row) => [row.rule, row.whatToDo]));
  const advice = [...firing].map(([rule, text]) => `\nWhat to do about ${rule}: ${printable(text)}\n`);
  return list + advice.join('');
}
