import type { BundleEstimate } from '../collector/api/shapes/bundles.ts';
import { createApiClient } from './api-client.ts';
import type { BundleCreateOptions } from './bundle.ts';
import { bundleOrder } from './bundle-order.ts';
import { collectorAbsence } from './collector-absence.ts';
import { printEstimate } from './estimate-table.ts';
import { print } from './output.ts';

/** Says what the bundle would hold, source by source, without making it. */
export async function estimateBundle(options: BundleCreateOptions): Promise<void> {
  const absence = await collectorAbsence(options);
  if (absence) {
    const { estimateWithoutCollector } = await import('./bundle-offline.ts');
    return estimateWithoutCollector(options, absence);
  }
  if (!options.json) process.stderr.write('Nodes are looking at what they have; up to 40 s …\n');
  const client = createApiClient(options);
  const estimate = await client
    .send<BundleEstimate>('POST', 'bundles/estimate', bundleOrder(options))
    .finally(() => client.close());
  if (options.json) return print(`${JSON.stringify(estimate)}\n`);
  await printEstimate(estimate, options.class);
}
