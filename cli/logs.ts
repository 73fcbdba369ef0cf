import { type Command, Option } from 'commander';
import type { LogRow } from '../collector/api/shapes.ts';
import {
  type CollectorOptions,
  jsonOption,
  limitOption,
  sinceOption,
  untilOption,
  withCollectorOptions,
} from './api-options.ts';

interface LogsOptions extends CollectorOptions {
  since: string;
  until?: string;
  node?: string;
  grep?: string;
  query?: string;
  severity?: string;
  limit: number;
  follow?: boolean;
  json?: boolean;
}

const examples = `
Examples:
  sextant logs --since 15m --grep "connection refused"
  sextant logs --since 2h --node n1 --severity error,fatal
  sextant logs --query 'severity:>=warn -node:n2 log.file.path:/var/log/*'
  sextant logs --follow --grep refused
  sextant logs --since 1d --json --limit 1000000 > logs.ndjson

The newest records of the range, oldest of them first. Queries are described in docs/log-query.md.`;

export function registerLogs(program: Command): void {
  const command = program
    .command('logs')
    .description('what was logged')
    .addOption(sinceOption('15m'))
    .addOption(untilOption())
    .addOption(new Option('--node <node>', 'of this node only'))
    .addOption(new Option('--grep <text>', 'records whose body holds this text, whatever the case'))
    .addOption(new Option('-q, --query <query>', 'a query: words, "phrases", field:value, -not, OR, (…)'))
    .addOption(new Option('--severity <names>', 'severities, separated by commas'))
    .addOption(limitOption(1000))
    .addOption(new Option('-f, --follow', 'go on with what arrives, until Ctrl+C').conflicts('until'))
    .addOption(jsonOption('one object a line: {timestamp, node, severity, body, attributes}'))
    .addHelpText('after', examples);
  withCollectorOptions(command).action(async (options: LogsOptions) => {
    const { createApiClient } = await import('./api-client.ts');
    const { noteLimit, print } = await import('./output.ts');
    const client = createApiClient(options);
    const asText = options.json ? (line: string) => `${line}\n` : await lineFormatter();
    try {
      const lines = client.lines('logs', {
        since: options.since,
        until: options.until,
        node: options.node,
        grep: options.grep,
        q: options.query,
        severity: options.severity,
        limit: options.limit,
        follow: options.follow ? 'true' : undefined,
      });
      let printed = 0;
      for await (const line of lines) {
        printed += 1;
        await print(asText(line));
      }
      noteLimit(printed, options.limit);
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
