import type { BundleJob } from '../collector/api/shapes/bundles.ts';
import { createApiClient } from './api-client.ts';
import type { CollectorOptions } from './api-options.ts';
import { findBundleJob } from './bundle-id.ts';
import { print } from './output.ts';

export async function cancelBundle(named: string, options: CollectorOptions): Promise<void> {
  const client = createApiClient(options);
  let before: BundleJob;
  try {
    before = await findBundleJob(client, named);
    if (before.finishedAt === null) await client.send('DELETE', `bundles/${encodeURIComponent(before.id)}`);
  } finally {
    await client.close();
  }
  const { id } = before;
  await print(
    before.finishedAt === null ? `${id} is being cancelled.\n` : `${id} had ended already: ${before.state}.\n`,
  );
}
