import type { BundleJob } from '../collector/api/shapes/bundles.ts';
import { createApiClient } from './api-client.ts';
import type { CollectorOptions } from './api-options.ts';
import { print } from './output.ts';

export async function cancelBundle(id: string, options: CollectorOptions): Promise<void> {
  const client = createApiClient(options);
  const path = `bundles/${encodeURIComponent(id)}`;
  const before = await client.get<BundleJob>(path);
  if (before.finishedAt === null) await client.send('DELETE', path);
  await client.close();
  await print(
    before.finishedAt === null ? `${id} is being cancelled.\n` : `${id} had ended already: ${before.state}.\n`,
  );
}
