import { mkdirSync } from 'node:fs';
import { createClient } from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';
import type { Engine } from './engine.ts';
import { checkStatement, insertStatement, journalParameters } from './journal-insert.ts';

type ClientOptions = NonNullable<Parameters<typeof createClient>[0]>;

/** The engine in this process, on a folder; one folder for a process. It reads journal files where they lie. */
export function createEmbeddedEngine(folder: string): Engine {
  return {
    open() {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // The two packages each carry their own copy of the connection's type.
      return createClient({ connection: createChdbConnection({ path: folder }) } as unknown as ClientOptions);
    },
    async insert(client, table, file, again) {
      const token = again ? `${file.name}#${crypto.randomUUID()}` : file.name;
      await client.command({
        query: insertStatement(table, { token, again, nested: file.nested }),
        query_params: journalParameters(table, file),
      });
    },
    async check(client, table, file) {
      await client.command({
        query: checkStatement(table, file.nested),
        query_params: journalParameters(table, file),
      });
    },
    statements: (sql) => [sql],
    question: (sql) => sql,
    querySettings: () => ({}),
    failure: (error) => error,
    checkEngine: async () => {},
    checkTables: async () => {},
    onOwnDisk: true,
  };
}
