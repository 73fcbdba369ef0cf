import type { ClickHouseClient } from '@clickhouse/client';

/**
 * One connection answers one query at a time, and what a caller gave up on still runs to its end: with a single one, a
 * long search held up every page, chart and alert behind it (12 s seen). Three let two be slow at once.
 */
const defaultConnections = 3;

interface Reader {
  client: ClickHouseClient;
  /** Gives the connection back. After a failure it is only used again when the engine has really ended the query. */
  release(failed: boolean): void;
}

export interface Readers {
  /** The next free connection, in order of asking. Rejects when the signal ends the wait. */
  take(signal?: AbortSignal): Promise<Reader>;
  close(): Promise<void>;
}

/** Connections for queries, all on the same data. */
export function createReaders(open: () => ClickHouseClient, connections = defaultConnections): Readers {
  const clients = Array.from({ length: connections }, open);
  const idle = [...clients];
  const waiting: ((client: ClickHouseClient) => void)[] = [];
  let closed = false;

  const giveBack = (client: ClickHouseClient): void => {
    const next = waiting.shift();
    if (next) next(client);
    else idle.push(client);
  };
  const reader = (client: ClickHouseClient): Reader => ({
    client,
    release(failed) {
      if (!failed || closed) return giveBack(client);
      // Queues up behind whatever the connection still does.
      client.ping({ select: true }).finally(() => giveBack(client));
    },
  });

  return {
    async take(signal) {
      signal?.throwIfAborted();
      const free = idle.pop();
      if (free) return reader(free);
      return new Promise((resolve, reject) => {
        const turn = (client: ClickHouseClient): void => {
          signal?.removeEventListener('abort', giveUp);
          resolve(reader(client));
        };
        const giveUp = (): void => {
          waiting.splice(waiting.indexOf(turn), 1);
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', giveUp, { once: true });
        waiting.push(turn);
      });
    },
    async close() {
      closed = true;
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}
