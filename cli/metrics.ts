import type { Command } from 'commander';
import type { MetricName, MetricPoint } from '../collector/api/shapes/metrics.ts';
import {
  type CollectorOptions,
  grepOption,
  jsonOption,
  limitOption,
  nodeOption,
  sinceOption,
  untilOption,
  withCollectorOptions,
} from './api-options.ts';
import { holds } from './holds.ts';

interface MetricsOptions extends CollectorOptions {
  since: string;
  until?: string;
  node?: string;
  grep?: string;
  limit: number;
  json?: boolean;
}

const examples = `
Examples:
  sextant metrics                                      the names there are
  sextant metrics system.cpu.utilization --since 1h
  sextant metrics system.filesystem.utilization --node n1 --json`;

export function registerMetrics(program: Command): void {
  const command = program
    .command('metrics')
    .argument('[name]', 'a metric; without one their names are listed')
    .description('what was measured')
    .addOption(sinceOption('15m'))
    .addOption(untilOption())
    .addOption(nodeOption())
    .addOption(grepOption('names, or samples with an attribute, that hold this text'))
    .addOption(limitOption(1000))
    .addOption(jsonOption('one object a line: {timestamp, node, value, unit, attributes}; the names as one array'))
    .addHelpText('after', examples);
  withCollectorOptions(command).action(async (name: string | undefined, options: MetricsOptions) => {
    const { createApiClient } = await import('./api-client.ts');
    const client = createApiClient(options);
    try {
      const text = name === undefined ? listNames : listPoints;
      await text(client, options, name ?? '');
    } finally {
      await client.close();
    }
  });
}

type Client = ReturnType<typeof import('./api-client.ts').createApiClient>;

async function listNames(client: Client, options: MetricsOptions): Promise<void> {
  const [{ print }, { formatTable }] = await Promise.all([import('./output.ts'), import('./table.ts')]);
  const all = await client.get<MetricName[]>('metrics', { since: options.since, until: options.until });
  const names = all.filter((metric) => holds([metric.name], options.grep));
  if (options.json) return print(`${JSON.stringify(names)}\n`);
  if (names.length === 0) return print('No metric had a sample in this range.\n');
  return print(
    formatTable<MetricName>(
      names,
      [
        { title: 'NAME', text: (metric) => metric.name },
        { title: 'UNIT', text: (metric) => metric.unit },
        { title: 'KIND', text: (metric) => metric.kind },
        { title: 'DESCRIPTION', text: (metric) => metric.description },
      ],
      false,
    ),
  );
}

async function listPoints(client: Client, options: MetricsOptions, name: string): Promise<void> {
  const [{ noteLimit, noteNothing, print }, { pad }, { formatTime }, { printable }] = await Promise.all([
    import('./output.ts'),
    import('./table.ts'),
    import('./ago.ts'),
    import('./printable.ts'),
  ]);
  const { since, until, node, limit } = options;
  let nodeWidth = 0;
  let valueWidth = 0;
  let received = 0;
  let printed = 0;
  for await (const line of client.lines('metrics/points', { name, since, until, node, limit })) {
    received += 1;
    const point = JSON.parse(line) as MetricPoint;
    if (!holds(Object.values(point.attributes), options.grep)) continue;
    printed += 1;
    if (options.json) {
      await print(`${line}\n`);
      continue;
    }
    nodeWidth = Math.max(nodeWidth, printable(point.node).length);
    const value = `${point.value} ${printable(point.unit)}`;
    valueWidth = Math.max(valueWidth, value.length);
    const attributes = Object.entries(point.attributes).map(([key, text]) => printable(`${key}=${text}`));
    const cells = [
      formatTime(point.timestamp),
      pad(printable(point.node), nodeWidth),
      pad(value, valueWidth, 'right'),
      attributes.join(' '),
    ];
    await print(`${cells.join('  ').trimEnd()}\n`);
  }
  noteLimit(received, limit);
  noteNothing(printed, `No such sample of ${name}`);
}
