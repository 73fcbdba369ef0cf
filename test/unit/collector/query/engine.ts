import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';
import { createStore } from '../../../../collector/store/clickhouse-store.ts';
import { loadSettings } from '../../../../config/load.ts';
import { createLog } from '../../../../logging/log.ts';

/** The real store in a temporary folder, and a second connection to its engine that puts rows into it. */
export async function startEngine() {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-query-'));
  const settings = loadSettings({ dataDir: folder });
  const store = createStore({ folder: join(folder, 'engine'), log: createLog('test', 'silent'), settings });
  await store.start();
  type Options = NonNullable<Parameters<typeof createClient>[0]>;
  const connection = createChdbConnection({ path: join(folder, 'engine') });
  const client = createClient({ connection } as unknown as Options);
  return {
    store,
    settings,
    insert: (table: string, values: object[]) => client.insert({ table, values, format: 'JSONEachRow' }),
    run: (query: string) => client.command({ query }),
    async close() {
      await client.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
