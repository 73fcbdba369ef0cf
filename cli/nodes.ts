import { type Command, Option } from 'commander';
import type { NodeRow } from '../collector/api/shapes/nodes.ts';
import { type CollectorOptions, grepOption, jsonOption, nodeOption, withCollectorOptions } from './api-options.ts';
import { holds } from './holds.ts';
import { registerNodesRevoke } from './nodes-revoke.ts';

interface NodesOptions extends CollectorOptions {
  since?: string;
  node?: string;
  grep?: string;
  json?: boolean;
}

const examples = `
Examples:
  sextant nodes
  sextant nodes --since 5m --grep windows
  sextant nodes --json | jq -r '.[] | select(.state != "online") | .node'
  sextant nodes --json | jq -r '.[] | select(.kind == "syslog") | .node'
  sextant nodes revoke n2`;

export function registerNodes(program: Command): void {
  const command = program
    .command('nodes')
    .description('who reports, and how fresh: nodes with an agent, and peers that send syslog')
    .addOption(
      new Option('--since <time>', 'only those heard of since: an age (15m, 2h, 3d), RFC 3339, or epoch milliseconds'),
    )
    .addOption(nodeOption())
    .addOption(grepOption('nodes whose name, host name, system or version holds this text'))
    .addOption(jsonOption('one array of {node, kind, os, version, state, lastSeen, clockOffsetMs}'))
    .addHelpText('after', examples);
  registerNodesRevoke(command);
  withCollectorOptions(command).action(async (options: NodesOptions) => {
    const { createApiClient } = await import('./api-client.ts');
    const { print } = await import('./output.ts');
    const client = createApiClient(options);
    const { parseTime } = await import('../collector/query/time-value.ts');
    const { since, node, grep } = options;
    const sinceMs = since === undefined ? undefined : Number(parseTime(since, Date.now(), 'since') / 1_000_000n);
    const all = await client.get<NodeRow[]>('nodes').finally(() => client.close());
    const rows = all.filter(
      (row) =>
        (node === undefined || row.node === node) &&
        (sinceMs === undefined || (row.lastSeen !== null && Date.parse(row.lastSeen) >= sinceMs)) &&
        holds([row.node, row.hostName, row.os, row.version], grep),
    );
    const none = all.length === 0 ? 'No node is enrolled yet.\n' : 'No node fits.\n';
    await print(
      options.json ? `${JSON.stringify(rows.map(shortRow))}\n` : rows.length === 0 ? none : await table(rows),
    );
  });
}

function shortRow({ node, kind, os, version, state, lastSeen, clockOffsetMs }: NodeRow) {
  return { node, kind, os, version, state, lastSeen, clockOffsetMs };
}

async function table(rows: NodeRow[]): Promise<string> {
  const [{ formatTable }, { wantsColor }, { formatAgo }] = await Promise.all([
    import('./table.ts'),
    import('./color.ts'),
    import('./ago.ts'),
  ]);
  const nowMs = Date.now();
  // A peer has no agent that could say more of it.
  const unknown = (row: NodeRow) => (row.kind === 'node' ? '?' : '–');
  const failing = (row: NodeRow) => row.sources.filter((source) => source.state === 'failing').length;
  return formatTable<NodeRow>(
    rows,
    [
      { title: 'NODE', text: (row) => row.node },
      { title: 'KIND', text: (row) => row.kind },
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
          row.clockOffsetMs === null
            ? unknown(row)
            : `${row.clockOffsetMs > 0 ? '+' : ''}${Math.round(row.clockOffsetMs)} ms`,
      },
      {
        title: 'FAILING',
        align: 'right',
        text: (row) => (row.kind === 'node' ? String(failing(row)) : '–'),
        color: (row) => (failing(row) ? 'red' : undefined),
      },
    ],
    wantsColor(process.stdout),
  );
}
