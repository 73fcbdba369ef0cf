import type { Command } from 'commander';
import { type CollectorOptions, withCollectorOptions } from './api-options.ts';

const details = `
Examples:
  sextant nodes revoke n2

From then on the collector refuses whatever the node sends; what it has sent stays. To let it in again, enrol it with a
new token from \`sextant token create\`.`;

/** `sextant nodes revoke NODE`. */
export function registerNodesRevoke(nodes: Command): void {
  const command = nodes
    .command('revoke')
    .argument('<node>', 'a node, as `sextant nodes` names it')
    .description('trust the certificates of a node no more')
    .addHelpText('after', details);
  withCollectorOptions(command).action(async (node: string, _options: CollectorOptions, self: Command) => {
    const [{ createApiClient }, { print }, { printable }] = await Promise.all([
      import('./api-client.ts'),
      import('./output.ts'),
      import('./printable.ts'),
    ]);
    const client = createApiClient(self.optsWithGlobals<CollectorOptions>());
    await client.send('POST', `nodes/${encodeURIComponent(node)}/revoke`).finally(() => client.close());
    await print(`${printable(node)} is revoked: the collector refuses it from now on.\n`);
  });
}
