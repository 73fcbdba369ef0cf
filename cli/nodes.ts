import type { Command } from 'commander';
import type { NodeRow } from '../collector/api/shapes.ts';
import { type CollectorOptions, jsonOption, withCollectorOptions } from './api-options.ts';
import { registerNodesRevoke } from './nodes-revoke.ts';

interface NodesOptions extends CollectorOptions {
  json?: boolean;
}

const examples = `
Examples:
  sextant nodes
  sextant nodes --json | jq -r '.[] | select(.state != "online") | .node'
  sextant nodes revoke n2`;

export function registerNodes(program: Command): void {
  const command = program
    .command('nodes')
    .description('who reports, and how fresh')
    .addOption(jsonOption('one array of {node, os, version, state, lastSeen, clockOffsetMs}'))
    .addHelpText('after', examples);
  registerNodesRevoke(command);
  withCollectorOptions(command).action(async (options: NodesOptions) => {
    const { createApiClient } = await import('./api-client.ts');
    const { print } = await import('./output.ts');
    const client = createApiClient(options);
    const rows = await client.get<NodeRow[]>('nodes').finally(() => client.close());
    await print(options.json ? `${JSON.stringify(rows.map(shortRow))}\n` : await table(rows));
  });
}

function shortRow({ node, os, version, state, lastSeen, clockOffsetMs }: NodeRow) {
  return { node, os, version, state, lastSeen, clockOffsetMs };
}

async function table(rows: NodeRow[]): Promise<string> {
  if (rows.length === 0) return 'No node is enrolled yet.\n';
  const [{ formatTable }, { wantsColor }, { formatAgo }] = await Promise.all([
    import('./table.ts'),
    import('./color.ts'),
    import('./ago.ts'),
  ]);
  const nowMs = Date.now();
  const failing = (row: NodeRow) => row.sources.filter((source) => source.state === 'failing').length;
  return formatTable<NodeRow>(
    rows,
    [
      { title: 'NODE', text: (row) => row.node },
      {
        title: 'STATE',
        text: (row) => row.state,
        color: (row) => (row.state === 'online' ? 'green' : 'red'),
      },
      { title: 'LAST SEEN', text: (row) => formatAgo(row.lastSeen, nowMs) },
      { title: 'OS', text: (row) => row.os },
      { title: 'VERSION', text: (row) => row.version },
      {
        title: 'CLOCK',
        align: 'right',
        text: (row) =>
          row.clockOffsetMs === null ? '?' : `${row.clockOffsetMs > 0 ? '+' : ''}${Math.round(row.clockOffsetMs)} ms`,
      },
      {
        title: 'FAILING',
        align: 'right',
        text: (row) => String(failing(row)),
        color: (row) => (failing(row) ? 'red' : undefined),
      },
    ],
    wantsColor(process.stdout),
  );
}
