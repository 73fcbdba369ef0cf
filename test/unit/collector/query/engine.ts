import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';
import type { Store } from '../../../../collector/store/store.ts';

const tables = join(import.meta.dirname, '../../../../collector/store/sql/tables');

/** The real engine with the real tables in a temporary folder, and a way to put rows into it. */
export async function startEngine() {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-query-'));
  // biome-ignore lint/suspicious/noExplicitAny: the client's types know only its own connections
  const client = createClient({ connection: createChdbConnection({ path: folder }) } as any);
  for (const file of readdirSync(tables).sort()) {
    await client.command({ query: readFileSync(join(tables, file), 'utf8') });
  }
  const query: Store['query'] = async (sql, options = {}) => {
    const answer = await client.query({
      query: sql,
      format: 'JSON',
      ...(options.parameters ? { query_params: options.parameters } : {}),
      ...(options.signal ? { abort_signal: options.signal } : {}),
    });
    const body = JSON.parse(await answer.text());
    return { rows: body.data, rowsRead: body.statistics.rows_read, bytesRead: body.statistics.bytes_read };
  };
  return {
    store: { query },
    insert: (table: string, values: object[]) => client.insert({ table, values, format: 'JSONEachRow' }),
    async close() {
      await client.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
