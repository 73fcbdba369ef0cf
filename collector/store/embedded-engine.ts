import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createClient } from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';
import type { Engine } from './engine.ts';
import { createEngineThreads } from './engine-threads.ts';
import { checkStatement, insertStatement, journalParameters } from './journal-insert.ts';
import { removeCutSchemas } from './schema-cache.ts';

type ClientOptions = NonNullable<Parameters<typeof createClient>[0]>;

/** A connection to the engine in this process: on a folder, or with nothing but memory. */
export const connectInProcess = (folder?: string) =>
  // The two packages each carry their own copy of the connection's type.
  createClient({
    connection: createChdbConnection(folder === undefined ? {} : { path: folder }),
  } as unknown as ClientOptions);

/** The engine in this process, on a folder; one folder for a process. It reads journal files where they lie. */
export function createEmbeddedEngine(folder: string): Engine {
  const cache = join(dirname(folder), '__cache__');
  removeCutSchemas(cache);
  const threads = createEngineThreads();
  let edition = 0;

  const open = () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return connectInProcess(folder);
  };

  async function reading(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // The engine has read the cut text and keeps what it made of it; another text is another file.
      if (removeCutSchemas(cache)) edition++;
      throw error;
    }
  }

  return {
    open,
    openLocal: open,
    async insert(client, table, file, again) {
      threads.putBehind();
      const token = again ? `${file.name}#${crypto.randomUUID()}` : file.name;
      await reading(() =>
        client.command({
          query: insertStatement(table, { token, again, reading: file.reading, edition }),
          query_params: journalParameters(table, file),
        }),
      );
    },
    async check(client, table, file) {
      await reading(() =>
        client.command({
          query: checkStatement(table, file.reading, edition),
          query_params: journalParameters(table, file),
        }),
      );
    },
    statements: (sql) => [sql],
    question: (sql) => sql,
    querySettings: () => ({}),
    failure: (error) => error,
    checkEngine: async () => {},
    checkTables: async () => {},
    onOwnDisk: true,
    isBelieved: true,
  };
}
