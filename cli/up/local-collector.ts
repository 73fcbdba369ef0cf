import type { MetricPoint } from '../../collector/api/shapes/metrics.ts';
import { createApiClient } from '../api-client.ts';

/** What `sextant up` asks of the collector that it has just started. */
export interface LocalCollector {
  createToken(kind: 'enroll' | 'signin'): Promise<string>;
  /** Whether a sample of this node that is not older than `sinceMs` can be queried. */
  hasMetrics(node: string, sinceMs: number): Promise<boolean>;
}

/** Each question has a connection of its own: the collector may have been restarted since the last, with a new token. */
export function localCollector(dataDir: string): LocalCollector {
  async function ask<T>(question: (client: ReturnType<typeof createApiClient>) => Promise<T>): Promise<T> {
    const client = createApiClient({ dataDir });
    return question(client).finally(() => client.close());
  }

  return {
    createToken: (kind) =>
      ask(async (client) => (await client.send<{ token: string }>('POST', 'tokens', { kind })).token),
    hasMetrics: (node, sinceMs) =>
      ask(async (client) => {
        const query = { name: 'system.memory.usage', node, since: new Date(sinceMs).toISOString(), limit: 1 };
        for await (const line of client.lines('metrics/points', query)) {
          if ((JSON.parse(line) as MetricPoint).node === node) return true;
        }
        return false;
      }),
  };
}
