import { type Command, Option } from 'commander';
import type { LogRow } from '../collector/api/shapes/logs.ts';
import {
  type CollectorOptions,
  grepOption,
  integerOption,
  jsonOption,
  limitOption,
  nodeOption,
  sinceOption,
  untilOption,
  withCollectorOptions,
} from './api-options.ts';

/** Records that are shown with their surroundings unless a limit is given. */
const withContext = 20;

interface LogsOptions extends CollectorOptions {
  since: string;
  until?: string;
  node?: string;
  grep?: string;
  query?: string;
  severity?: string;
  limit: number;
  follow?: boolean;
  context?: number;
  json?: boolean;
}

const examples = `
Examples:
  sextant logs --since 15m --grep "connection refused"
  sextant logs --since 2h --node n1 --severity error,fatal
  sextant logs --query 'severity:>=warn -node:n2 log.file.path:/var/log/*'
  sextant logs --follow --grep refused
  sextant logs --grep panic --context 5
  sextant logs --since 1d --json --limit 1000000 > logs.ndjson

The newest records of the range, oldest of them first. Queries are described in docs/log-query.md.`;

export function registerLogs(program: Command): void {
  const command = program
    .command('logs')
    .description('what was logged')
    .addOption(sinceOption('15m'))
    .addOption(untilOption())
    .addOption(nodeOption())
    .addOption(grepOption('records whose body holds this text, whatever the case'))
    .addOption(new Option('-q, --query <query>', 'a query: words, "phrases", field:value, -not, OR, (…)'))
    .addOption(
      new Option(
        '--severity <names>',
        'only these, separated by commas: trace, debug, info, warn, error, fatal, unset',
      ),
    )
    .addOption(limitOption(1000))
    .addOption(new Option('-f, --follow', 'go on with what arrives, until Ctrl+C').conflicts('until'))
    .addOption(
      integerOption(
        '-C, --context <number>',
        'with so many records before and after each from the same file or source',
        {
          min: 0,
          max: 1000,
        },
      ).conflicts('follow'),
    )
    .addOption(jsonOption('one object a line: {timestamp, node, severity, body, attributes}'))
    .addHelpText('after', examples);
  withCollectorOptions(command).action(async (options: LogsOptions, self: Command) => {
    const { createApiClient } = await import('./api-client.ts');
    const { noteLimit, noteNothing, print } = await import('./output.ts');
    const client = createApiClient(options);
    const asText = options.json ? (line: string) => `${line}\n` : await lineFormatter();
    // Each record asks for its surroundings, so there are fewer unless somebody says how many.
    const few = options.context !== undefined && self.getOptionValueSource('limit') === 'default';
    const limit = few ? withContext : options.limit;
    try {
      const lines = client.lines('logs', {
        since: options.since,
        until: options.until,
        node: options.node,
        grep: options.grep,
        q: options.query,
        severity: options.severity,
        limit,
        follow: options.follow ? 'true' : undefined,
        cursors: options.context === undefined ? undefined : 'true',
      });
      let printed = 0;
      const surroundings =
        options.context === undefined
          ? undefined
          : (await import('./log-surroundings.ts')).createSurroundings(client, options.context);
      const gap = options.json ? '' : '--\n';
      for await (const line of lines) {
        printed += 1;
        if (!surroundings) await print(asText(line));
        else for (const one of await surroundings(line)) await print(one === null ? gap : asText(one));
      }
      noteLimit(printed, limit);
      if (!options.follow) noteNothing(printed, 'No such log record');
    } finally {
      await client.close();
    }
  });
}

/** A record as one line: time, severity, node, body. */
async function lineFormatter(): Promise<(line: string) => string> {
  const [{ pad }, { paint, severityColors, wantsColor }, { formatTime }, { printable }] = await Promise.all([
    import('./table.ts'),
    import('./color.ts'),
    import('./ago.ts'),
    import('./printable.ts'),
  ]);
  const colored = wantsColor(process.stdout);
  let nodeWidth = 0;
  return (line) => {
    const row = JSON.parse(line) as LogRow;
    const node = printable(row.node);
    nodeWidth = Math.max(nodeWidth, node.length);
    const color = severityColors[row.severity];
    const severity = pad(row.severity, 5);
    const shown = colored && color ? paint(severity, color) : severity;
    return `${formatTime(row.timestamp)}  ${shown}  ${pad(node, nodeWidth)}  ${printable(row.body)}\n`;
  };
}
