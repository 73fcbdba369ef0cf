import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiClient, CollectorAddress } from './api-client.ts';

/**
 * Does `work` on the collector: over its API when it runs or is named, in its data folder otherwise, which stays locked
 * meanwhile. Throws SX_NO_COLLECTOR, SX_DATA_FOLDER_HELD.
 */
export async function onCollector<T>(
  address: CollectorAddress,
  work: { running(client: ApiClient): Promise<T>; stopped(folder: string): Promise<T> },
): Promise<T> {
  const folder = join(address.dataDir, 'collector');
  if (address.url !== undefined || existsSync(join(folder, 'endpoint.json')) || !existsSync(folder)) {
    const { createApiClient } = await import('./api-client.ts');
    const client = createApiClient(address);
    return work.running(client).finally(() => client.close());
  }
  const { lockFolder } = await import('../durable/folder-lock.ts');
  const lock = lockFolder(folder, { role: 'sextant command', nowMs: Date.now() });
  return work.stopped(folder).finally(() => lock.close());
}
